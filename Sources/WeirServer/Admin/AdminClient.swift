import NIOPosix
package import WeirCore

/// Reads pages of a running server's admin plane, for commands.
package struct AdminClient: Sendable {
    /// Longest wait for a whole page.
    private static let timeout = Duration.seconds(10)

    private let base: BaseURL

    package init(base: BaseURL) { self.base = base }

    /// How its targets and credentials stand.
    ///
    /// - Throws: `AdminProblem` where nothing answers there, or what answers is no admin plane of Weir's.
    package func targets() async throws -> TargetsReport {
        let client = try ProbeClient(
            base: base, timeout: Self.timeout, checksCertificate: true,
            group: .singletonMultiThreadedEventLoopGroup)
        let address = base.origin + base.basePath
        let reply: ProbeReply
        do throws(ProbeFailure) {
            reply = try await client.send(ProbeRequest(path: AdminPages.targets))
        } catch {
            throw AdminProblem("\(address): \(error.message)")
        }
        guard reply.isGood, let json = try? JSONValue(reply.body), let report = TargetsReport(json) else {
            throw AdminProblem(
                "\(address)\(AdminPages.targets) answered \(reply.status) and not with targets; "
                    + "is it the address that admin_listen says?")
        }
        return report
    }
}

/// Why a page of the admin plane cannot be read, in a sentence.
package struct AdminProblem: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}
