import NIOPosix
package import WeirCore

/// Reads pages of a running server's admin plane, for commands.
package struct AdminClient: Sendable {
    private let base: BaseURL
    private let timeout: Duration

    /// - Parameter timeout: Longest wait for a whole page.
    package init(base: BaseURL, timeout: Duration = .seconds(10)) {
        self.base = base
        self.timeout = timeout
    }

    /// How its targets and credentials stand.
    ///
    /// - Throws: `AdminProblem` where nothing answers there, or what answers is no admin plane of Weir's.
    package func targets() async throws -> TargetsReport {
        let reply = try await send(ProbeRequest(path: AdminPages.targets))
        guard reply.isGood, let json = try? JSONValue(reply.body), let report = TargetsReport(json) else {
            throw notAdmin(AdminPages.targets, reply, "targets")
        }
        return report
    }

    /// The text of a page.
    ///
    /// - Throws: `AdminProblem` where nothing answers there, or with what the server says is wrong.
    package func page(
        _ path: String, query: [(name: String, value: String)] = [], isPost: Bool = false
    ) async throws -> String {
        let pairs = query.map { Percent.encoded($0.name) + "=" + Percent.encoded($0.value) }
        var request = ProbeRequest(path: pairs.isEmpty ? path : path + "?" + pairs.joined(separator: "&"))
        if isPost { request.method = "POST" }
        let reply = try await send(request)
        guard reply.isGood else {
            let said = (try? JSONValue(reply.body))?["error"]?["message"]?.string
            throw said.map(AdminProblem.init) ?? notAdmin(path, reply)
        }
        return String(decoding: reply.body, as: UTF8.self)
    }

    private func send(_ request: ProbeRequest) async throws -> ProbeReply {
        let client = try ProbeClient(
            base: base, timeout: timeout, checksCertificate: true,
            group: .singletonMultiThreadedEventLoopGroup)
        do throws(ProbeFailure) { return try await client.send(request) } catch {
            throw AdminProblem("\(address): \(error.message)")
        }
    }

    private func notAdmin(_ path: String, _ reply: ProbeReply, _ what: String = "what Weir says") -> AdminProblem {
        AdminProblem(
            "\(address)\(path) answered \(reply.status) and not with \(what); "
                + "is it the address that admin_listen says?")
    }

    private var address: String { base.origin + base.basePath }
}

/// Why a page of the admin plane cannot be read, in a sentence.
package struct AdminProblem: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}
