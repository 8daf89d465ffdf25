/// How a target stands now.
package struct TargetReport: Sendable, Equatable {
    package enum State: String, Sendable, CaseIterable {
        case admitting, refusing, probing
    }
    package var provider: String
    /// `nil` for requests whose model is not read.
    package var model: String?
    package var state = State.admitting
    /// Wall-clock microseconds since 1970; `nil` where it is not refused.
    package var refusedUntil: Int64?
    /// Share of its weight that its health leaves it, 0 to 100.
    package var weightPercent = 100
    /// Attempts that wait for it or are being answered.
    package var open = 0
    /// Microseconds from sending to the first byte, the late ones counting more; `nil` before the first.
    package var firstByteMean: Int64?
    /// Microseconds that 95 of 100 first bytes come within; `nil` while there are too few to say.
    package var firstByteP95: Int64?

    package init(provider: String, model: String?) {
        self.provider = provider
        self.model = model
    }
}

/// How a provider's credential stands now.
package struct CredentialReport: Sendable, Equatable {
    package var provider: String
    /// Unique at its provider.
    package var name: String
    package var isUsable = true
    /// Why it is set aside, in a word: "limited", "rejected", "out_of_money"; `nil` where it is not.
    package var fault: String?
    /// Share of its limits that is left, 0 to 1; 1 where no limit is known.
    package var room = 1.0
    /// Wall-clock microseconds since 1970 until which it is set aside; `nil` where that is not known.
    package var until: Int64?

    package init(provider: String, name: String) {
        self.provider = provider
        self.name = name
    }
}

/// All targets and credentials at one moment: the form of `GET /weir/v1/targets`.
package struct TargetsReport: Sendable, Equatable {
    /// Wall-clock microseconds since 1970.
    package var at: Int64
    package var targets: [TargetReport]
    package var credentials: [CredentialReport]

    package init(at: Int64, targets: [TargetReport], credentials: [CredentialReport]) {
        self.at = at
        self.targets = targets
        self.credentials = credentials
    }

    /// One JSON object; what is not known is `null`.
    package var json: String {
        var out = JSONLine()
        out.begin()
        out.number("at", at)
        out.list("targets", targets) { $0.target($1) }
        out.list("credentials", credentials) { $0.credential($1) }
        out.end()
        return out.result
    }
}

extension TargetsReport {
    /// Reads what `json` wrote, also where a later version writes more; `nil` where it is something else.
    package init?(_ json: JSONValue) {
        guard let at = json["at"]?.int, let targets = json["targets"]?.array,
            let credentials = json["credentials"]?.array
        else { return nil }
        self.at = Int64(at)
        self.targets = targets.compactMap(TargetReport.init)
        self.credentials = credentials.compactMap(CredentialReport.init)
    }
}

extension TargetReport {
    fileprivate init?(_ json: JSONValue) {
        guard let provider = json["provider"]?.string else { return nil }
        self.init(provider: provider, model: json["model"]?.string)
        state = json["state"]?.string.flatMap(State.init) ?? .admitting
        refusedUntil = json["refused_until"]?.int.map(Int64.init)
        weightPercent = json["weight_percent"]?.int ?? 0
        open = json["open"]?.int ?? 0
        firstByteMean = json["first_byte_mean"]?.int.map(Int64.init)
        firstByteP95 = json["first_byte_p95"]?.int.map(Int64.init)
    }
}

extension CredentialReport {
    fileprivate init?(_ json: JSONValue) {
        guard let provider = json["provider"]?.string, let name = json["name"]?.string else { return nil }
        self.init(provider: provider, name: name)
        isUsable = json["is_usable"]?.bool ?? false
        fault = json["fault"]?.string
        room = Double(json["room"]?.scaled(byPowerOfTen: 6) ?? 0) / 1e6
        until = json["until"]?.int.map(Int64.init)
    }
}

extension JSONLine {
    fileprivate mutating func target(_ target: TargetReport) {
        begin()
        text("provider", target.provider)
        text("model", target.model)
        text("state", target.state.rawValue)
        number("refused_until", target.refusedUntil)
        number("weight_percent", target.weightPercent)
        number("open", target.open)
        number("first_byte_mean", target.firstByteMean)
        number("first_byte_p95", target.firstByteP95)
        end()
    }

    fileprivate mutating func credential(_ credential: CredentialReport) {
        begin()
        text("provider", credential.provider)
        text("name", credential.name)
        flag("is_usable", credential.isUsable)
        text("fault", credential.fault)
        member("room", credential.room.isFinite ? "\(credential.room)" : "null")
        number("until", credential.until)
        end()
    }
}
