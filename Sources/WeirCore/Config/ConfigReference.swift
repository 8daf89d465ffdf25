/// The options as a page of documentation, from the declarations the reader uses.
package enum ConfigReference {
    /// The whole of docs/config.md.
    package static func markdown() -> String {
        var page = introduction
        let groups: [(title: String, prefix: String)] = [
            ("General", ""), ("Log", "log."), ("TLS", "tls."), ("CORS", "cors."), ("Limits", "limits."),
            ("Timeouts", "timeouts."), ("Retries", "retry."), ("Health", "health."), ("Streams", "streams."),
            ("Response caches", "cache."), ("Ledger", "ledger."),
        ]
        for group in groups {
            let options = ConfigOptions.all.filter { option in
                group.prefix.isEmpty ? !option.key.contains(".") : option.key.hasPrefix(group.prefix)
            }
            page += section(group.title, "", options)
        }
        page += section("Providers", providers, ConfigOptions.provider, before: "providers.NAME.")
        page += section("Credentials", credentials, ConfigOptions.credential, before: "")
        page += knownProviders()
        page += section("Models", models, ConfigOptions.model, before: "models.ID.")
        page += section("Routes", routes, ConfigOptions.route, before: "routes.MODEL.")
        page += section("Targets", "Options of one entry of `targets`.", ConfigOptions.target, before: "")
        page += section("Hedging", hedging, ConfigOptions.hedge, before: "hedge.")
        page += section("Embedder", "Options of `cache.embedder`.", ConfigOptions.embedder, before: "")
        page += section("Keys", "", ConfigOptions.key, before: "keys[].")
        page += section("Projects", "", ConfigOptions.project, before: "projects.NAME.")
        page += section("Caller limits", callerLimits, ConfigOptions.callerLimits, before: "")
        return page + environment
    }

    private static func section<Root>(
        _ title: String, _ text: String, _ options: [ConfigOption<Root>], before: String = ""
    ) -> String {
        let hasVariables = options.contains { $0.variable != nil }
        var lines = ["## \(title)", ""]
        if !text.isEmpty { lines += [text, ""] }
        lines.append("| option | type | default |\(hasVariables ? " variable |" : "") meaning |")
        lines.append("|---|---|---|\(hasVariables ? "---|" : "")---|")
        for option in options {
            let variable = hasVariables ? " \(option.variable.map { "`\($0)`" } ?? "") |" : ""
            lines.append(
                "| `\(before)\(option.key)` | \(option.typeName) "
                    + "| \(option.standard) |\(variable) \(option.meaning) |"
            )
        }
        return lines.joined(separator: "\n") + "\n\n"
    }

    private static func knownProviders() -> String {
        var lines = [
            "## Known providers", "",
            "Known by name; their key in the environment is all they need:", "",
            "| name | URL | dialects | key | overrides the URL |", "|---|---|---|---|---|",
        ]
        for known in AllProviders.list {
            let dialects = known.dialects.map(\.rawValue).joined(separator: ", ")
            lines.append(
                "| `\(known.name)` | \(known.url) | \(dialects) "
                    + "| `\(known.keyVariable)` | `\(known.urlVariable)` |"
            )
        }
        return lines.joined(separator: "\n") + "\n\n"
    }

    private static let introduction = """
        # Configuration

        <!-- Generated from the declarations in Sources/WeirCore/Config. Change those, not this page. -->

        Weir needs no file: provider keys in the environment configure the usual providers. What a file adds
        is one YAML document; `weir check FILE` reads it and reports every problem in one run, with
        line, column, what was found and what to write. Unknown options are errors.

        - Values may hold `${NAME}`, `${NAME:-default}` (for a variable that is not set or empty) and
          `${file:/path}` (the file's text without surrounding white space); `$${` stands for `${`.
          They are replaced after the YAML is read, so that a value can never change the structure.
        - A duration is a whole number with its unit: `500ms`, `30s`, `5m`, `1h`.
        - A size is a whole number of bytes, or one with its unit: `32MiB`, `1MB`.
        - Where an option has a variable, the environment wins over the file.


        """

    private static let providers = """
        A known provider needs only what differs. A base path that ends in `/v1` stands for the `/v1` of
        request paths; any other is put before the whole path for anthropic, and stands for `/v1`
        for chat and responses. `WEIR_{NAME}_URL` (name in capitals, `-` as `_`) overrides the URL
        of every provider, and by itself configures a known one, so that a local mock needs no key.
        """

    private static let credentials = """
        Options of one entry of `credentials`. A key's variable may hold several keys with commas between
        them; they are named `1`, `2` and so on, and differ in nothing else.
        """

    private static let hedging = """
        The table form of `hedge`, at the top level or in a route. `hedge: p95` and `hedge: 2s` set `after`
        alone.
        """

    private static let callerLimits = """
        Options of `caller_limits`, and of `limits` under keys, projects and models. A key has what it says
        itself, else what `caller_limits` says; projects and models are further walls, and a request
        must pass all.
        """

    private static let models = """
        Prices are decimals, kept exactly. An override with a price replaces all the catalogue's rows of
        that model (long prompts, service tiers, off-peak hours); kinds without a price are unknown,
        and a request that uses one has no cost.
        """

    private static let routes = """
        A route is a table, or in short `MODEL: provider/model`. A request for a model without a route goes
        to the first configured provider of its dialect (or to the one that sells the model).
        Nothing is translated yet: all targets of a route must speak one dialect that callers speak
        (anthropic, chat or responses).
        """

    private static let environment = """
        ## Other variables

        | variable | meaning |
        |---|---|
        | `WEIR_CONFIG` | Path of the configuration file. |
        | `WEIR_CALLER_KEY` | A caller key named `env`. |
        | `WEIR_LOG` | Level and format in any order: `debug`, `json`, `info,json`. |

        """
}
