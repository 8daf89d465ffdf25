import ArgumentParser
import WeirCore
import WeirServer

/// Where a running server's admin plane is.
struct AdminAddress: ParsableArguments {
    @Option(name: .customLong("at"), help: "Address of the admin plane. Default: admin_listen of the configuration, else 127.0.0.1:8788.")
    var address: String?

    @Option(name: .shortAndLong, help: "Configuration file, YAML. Default: WEIR_CONFIG, else none.")
    var config: String?

    func client() throws -> AdminClient { AdminClient(base: try Self.base(address, config: config)) }

    static func base(_ address: String?, config: String?) throws -> BaseURL {
        let environment = currentEnvironment
        var text: String
        if let address {
            text = address
        } else {
            let loader = ConfigLoader(path: config ?? environment["WEIR_CONFIG"], environment: environment)
            text = try loader.load().adminListen
            if text == "off" { throw ValidationError("The admin plane is off: admin_listen turns it on.") }
        }
        if !text.contains("://") { text = "http://" + text }
        // What listens on every address is asked on this host's own.
        for every in ["//0.0.0.0:", "//[::]:"] where text.contains(every) {
            text = "http://127.0.0.1:" + (text.split(separator: ":").last ?? "")
        }
        do throws(BaseURLProblem) { return try BaseURL(text) } catch {
            throw ValidationError("The address \(text) \(error.message).")
        }
    }
}
