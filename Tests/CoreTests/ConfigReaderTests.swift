import Testing
import WeirCore

@Suite struct ConfigReaderTests {
    private struct NoFile: Error {}

    private func read(_ yaml: String? = nil, _ environment: [String: String] = [:]) throws -> Config {
        try ConfigReader.read(
            yaml: yaml, file: "weir.yaml", environment: ["HOME": "/home/ada"].merging(environment) { $1 }
        ) { path in
            guard path == "/run/secrets/key" else { throw NoFile() }
            return " \n from-a-file\n\n"
        }
    }

    private func problems(_ yaml: String?, _ environment: [String: String] = [:]) -> String {
        do {
            _ = try read(yaml, environment)
            return ""
        } catch {
            return "\(error)"
        }
    }

    @Test(arguments: [nil, "", "# only a comment", "providers:\nroutes:\n", "---\n"])
    func nothingWrittenMeansTheDefaults(yaml: String?) throws {
        var expected = Config()
        expected.dataDirectory = "/home/ada/.local/share/weir"
        #expect(try read(yaml) == expected)
    }

    @Test func everyOptionReachesItsPlace() throws {
        let config = try read(
            """
            listen: "[::1]:9000"
            admin_listen: off
            data_dir: ~/weir
            threads: 3
            log: {level: debug, format: json}
            tls: {certificate: /c.pem, key: /k.pem}
            cors: {origins: ["https://a.example", "*"]}
            limits: {body: 1MB, upload: 2MiB, gathered_reply: 0, pending_write: 64KiB, connections: 7,
                     keep_warm: 3MiB}
            timeouts:
              {connect: 250ms, first_byte: 1h, silence: 90s, request: 2m, idle_caller: 1s,
               idle_upstream: 3s, drain: 0s}
            ledger: {sync_window: 5ms, journal: 1GiB, when_unavailable: serve}
            allow_models: claude-*
            prompt_cache: observe
            keep_warm: true
            """)
        #expect(config.listen == "[::1]:9000")
        #expect(config.adminListen == "off")
        #expect(config.dataDirectory == "/home/ada/weir")
        #expect(config.threads == 3)
        #expect(config.log.level == .debug)
        #expect(config.log.format == .json)
        #expect(config.tls == TLSFiles(certificate: "/c.pem", key: "/k.pem"))
        #expect(config.cors.origins == ["https://a.example", "*"])
        #expect(config.limits.bodyBytes == 1_000_000)
        #expect(config.limits.uploadBytes == 2 << 20)
        #expect(config.limits.gatheredReplyBytes == 0)
        #expect(config.limits.pendingWriteBytes == 65_536)
        #expect(config.limits.connections == 7)
        #expect(config.timeouts.connect == .milliseconds(250))
        #expect(config.timeouts.firstByte == .seconds(3600))
        #expect(config.timeouts.silence == .seconds(90))
        #expect(config.timeouts.request == .seconds(120))
        #expect(config.timeouts.idleCaller == .seconds(1))
        #expect(config.timeouts.idleUpstream == .seconds(3))
        #expect(config.timeouts.drain == .zero)
        #expect(config.ledger.syncWindow == .milliseconds(5))
        #expect(config.ledger.journalBytes == 1 << 30)
        #expect(config.ledger.whenUnavailable == .serve)
        #expect(config.allowModels == ["claude-*"])
        #expect(config.promptCache == .observe)
        #expect(config.keepWarm)
        #expect(config.limits.keepWarmBytes == 3 << 20)
    }

    @Test func providersTakeWhatIsNotWrittenFromTheListOfKnownOnes() throws {
        let config = try read(
            """
            providers:
              local: {url: "http://127.0.0.1:8000/v1", dialects: [chat, responses], max_connections: 4}
              anthropic: {credential: "${file:/run/secrets/key}"}
              claude-proxy: {url: "https://proxy.example", dialects: [anthropic], credential_style: bearer}
            """, ["OPENAI_API_KEY": "sk-1", "WEIR_CLAUDE_PROXY_URL": "http://10.0.0.1"])
        #expect(config.providers.map(\.name) == ["local", "anthropic", "claude-proxy", "openai"])
        #expect(config.providers[0].dialects == [.chat, .responses])
        #expect(config.providers[0].credentialStyle == .bearer)
        #expect(config.providers[0].credential == nil)
        #expect(config.providers[0].maxConnections == 4)
        #expect(config.providers[1].url == "https://api.anthropic.com")
        #expect(config.providers[1].credentialStyle == .apiKey)
        #expect(config.providers[1].credential?.reveal() == "from-a-file")
        #expect(config.providers[2].url == "http://10.0.0.1")
        #expect(config.providers[2].credentialStyle == .bearer)
        #expect(config.providers[3].credential?.reveal() == "sk-1")
    }

    @Test(arguments: AllProviders.list.map(\.name))
    func aKeyOrAnAddressInTheEnvironmentConfiguresAKnownProvider(name: String) throws {
        let known = try #require(AllProviders.named(name))
        let byKey = try read(nil, [known.keyVariable: "k"]).providers
        #expect(byKey.map(\.name) == [name])
        #expect(byKey.first?.credential?.reveal() == "k")
        #expect(byKey.first?.url == known.url)
        let byURL = try read(nil, [known.urlVariable: "http://127.0.0.1:9/v1"]).providers
        #expect(byURL.map(\.name) == [name])
        #expect(byURL.first?.url == "http://127.0.0.1:9/v1")
        #expect(byURL.first?.credential == nil)
        #expect(try read(nil, [known.keyVariable: "", known.urlVariable: ""]).providers.isEmpty)
    }

    @Test func theEnvironmentWinsOverTheFile() throws {
        let config = try read(
            """
            {listen: 'h:1', admin_listen: 'h:2', data_dir: /a, threads: 1, log: {level: error},
             prompt_cache: off}
            """,
            [
                "WEIR_LISTEN": "0.0.0.0:80", "WEIR_ADMIN_LISTEN": "off", "WEIR_DATA_DIR": "/b",
                "WEIR_THREADS": "2", "WEIR_PROMPT_CACHE": "always",
                "WEIR_LOG": "json,debug", "WEIR_CALLER_KEY": "let-me-in",
            ])
        #expect(config.listen == "0.0.0.0:80")
        #expect(config.adminListen == "off")
        #expect(config.dataDirectory == "/b")
        #expect(config.threads == 2)
        #expect(config.promptCache == .always)
        #expect(config.log.level == .debug)
        #expect(config.log.format == .json)
        #expect(config.keys.map(\.name) == ["env"])
        #expect(config.keys.first?.key.reveal() == "let-me-in")
    }

    @Test func wrongVariablesAreProblemsUnderTheirNames() {
        let text = problems(
            "threads: x",
            [
                "WEIR_LISTEN": "nowhere", "WEIR_THREADS": "many", "WEIR_LOG": "info,jsn",
                "WEIR_OPENAI_URL": "api",
                "GROQ_API_KEY": "a b",
            ])
        #expect(
            text == """
                weir.yaml:1:10: threads: "x" is no whole number. Write a whole number from 0 to 1024.
                environment: GROQ_API_KEY: the secret has white space or characters outside ASCII. \
                Write the key alone.
                environment: WEIR_LISTEN: "nowhere" has no port. Write "127.0.0.1:8787".
                environment: WEIR_LOG: "jsn" is neither a level nor a format. Write "json".
                environment: WEIR_OPENAI_URL: "api" is not an http or https URL. \
                Write "https://api.example.com/v1".
                environment: WEIR_THREADS: "many" is no whole number. Write a whole number from 0 to 1024.
                """)
    }

    @Test func aKeyInTheWrongPlaceIsNotRepeated() {
        let key = "sk-ant-api03-0123456789abcdef"
        #expect(!problems("listen: \(key)").contains(key))
        #expect(!problems("providers: {openai: \(key)}").contains(key))
        #expect(!problems(nil, ["WEIR_OPENAI_URL": key, "WEIR_LISTEN": key]).contains(key))
    }

    @Test(arguments: [
        ("${A}", "one"), ("x${A}y${B:-two}z", "xoneytwoz"), ("$${A}", "${A}"), ("${EMPTY}", "text"),
        ("$A", "$A"),
        ("${EMPTY:-three}", "three"), ("${file:/run/secrets/key}", "from-a-file"), ("${A:-}${B:-}", "one"),
    ])
    func valuesAreReplacedAfterParsing(written: String, expected: String) throws {
        let config = try read(
            "models: {m: {display_name: '\(written)'}}",
            ["A": "one", "EMPTY": written == "${EMPTY}" ? "text" : ""])
        #expect(config.models["m"]?.displayName == expected)
    }

    @Test func aReplacedValueCannotChangeTheStructure() throws {
        let config = try read("models: {m: {display_name: \"${A}\"}}", ["A": "x}, n: {price: {input: 1}"])
        #expect(config.models.keys.sorted() == ["m"])
        #expect(config.models["m"]?.displayName == "x}, n: {price: {input: 1}")
    }

    @Test func pricesAreExact() throws {
        let config = try read(
            "models: {m: {price: {input: 0.1, output: 4.400000001, cache_read: 1e-3, cache_write_short: 0}}}")
        let price = try #require(config.models["m"]?.price)
        #expect(price.input == 100_000_000)
        #expect(price.output == 4_400_000_001)
        #expect(price.cacheRead == 1_000_000)
        #expect(price.cacheWriteShort == 0)
        #expect(price.cacheWriteLong == nil)
    }

    @Test func routesCanBeWrittenShortAndLong() throws {
        let config = try read(
            """
            routes:
              fast: anthropic/claude-haiku-5-5
              oss: 
                targets: [{provider: groq, model: openai/gpt-oss-120b, weight: 3},
                          together/openai/gpt-oss-120b]
              "claude-*": {targets: anthropic, auth: passthrough}
            """, ["ANTHROPIC_API_KEY": "a", "GROQ_API_KEY": "b", "TOGETHER_API_KEY": "c"])
        #expect(
            config.routes == [
                Route(model: "fast", targets: [.init(provider: "anthropic", model: "claude-haiku-5-5")]),
                Route(
                    model: "oss",
                    targets: [
                        .init(provider: "groq", model: "openai/gpt-oss-120b", weight: 3),
                        .init(provider: "together", model: "openai/gpt-oss-120b"),
                    ]),
                Route(model: "claude-*", targets: [.init(provider: "anthropic")], auth: .passthrough),
            ])
    }

    @Test func aPassthroughRouteNeedsNoCredential() throws {
        let config = try read("routes: {'*': {targets: anthropic, auth: passthrough}}")
        #expect(config.providers.map(\.name) == ["anthropic"])
        #expect(config.providers.first?.credential == nil)
    }

    @Test func theDataFolderFollowsTheDesktopSpecification() throws {
        #expect(try read(nil, ["XDG_DATA_HOME": "/data"]).dataDirectory == "/data/weir")
        #expect(try read(nil, ["XDG_DATA_HOME": "data"]).dataDirectory == "/home/ada/.local/share/weir")
        #expect(problems(nil, ["HOME": ""]).hasPrefix("environment: WEIR_DATA_DIR: has no default"))
    }
}
