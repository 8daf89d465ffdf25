/// A target, and how it stands.
package struct TargetReport: Sendable, Equatable {
    package var provider: String
    /// Empty for requests whose model is not read.
    package var model: String
    package var standing: TargetStanding

    package init(provider: String, model: String, standing: TargetStanding = TargetStanding()) {
        self.provider = provider
        self.model = model
        self.standing = standing
    }
}

/// A provider's credential, and how it stands.
package struct CredentialReport: Sendable, Equatable {
    package var provider: String
    /// Unique at its provider.
    package var name: String
    package var standing: CredentialStanding

    package init(provider: String, name: String, standing: CredentialStanding = CredentialStanding()) {
        self.provider = provider
        self.name = name
        self.standing = standing
    }
}

/// All targets and credentials at one moment: the form of `GET /weir/v1/targets`.
package struct TargetsReport: Sendable, Equatable {
    /// Wall-clock microseconds since 1970.
    package var at: Int64
    /// The sick ones first.
    package var targets: [TargetReport]
    package var credentials: [CredentialReport]

    /// Puts both in order.
    package init(at: Int64, targets: [TargetReport], credentials: [CredentialReport]) {
        self.at = at
        self.targets = Self.ordered(targets)
        self.credentials = credentials.sorted { ($0.provider, $0.name) < ($1.provider, $1.name) }
    }

    /// Those that are refused or have lost weight first, then by name.
    private static func ordered(_ targets: [TargetReport]) -> [TargetReport] {
        func rank(_ target: TargetReport) -> (Int, Int, String, String) {
            let isSick = target.standing.state != .admitting
            return (isSick ? 0 : 1, target.standing.weightPercent, target.provider, target.model)
        }
        return targets.sorted { rank($0) < rank($1) }
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
        guard let provider = json["provider"]?.string, let model = json["model"]?.string else { return nil }
        self.init(provider: provider, model: model)
        standing.state = json["state"]?.string.flatMap(TargetStanding.State.init) ?? .admitting
        standing.refusedUntil = json["refused_until"]?.int.map(Int64.init)
        standing.wantsProbe = json["wants_probe"]?.bool ?? false
        standing.weightPercent = json["weight_percent"]?.int ?? 0
        standing.open = json["open"]?.int ?? 0
        standing.firstByteMean = json["first_byte_mean"]?.int.map(Int64.init)
        standing.firstByteP95 = json["first_byte_p95"]?.int.map(Int64.init)
    }
}

extension CredentialReport {
    fileprivate init?(_ json: JSONValue) {
        guard let provider = json["provider"]?.string, let name = json["name"]?.string else { return nil }
        self.init(provider: provider, name: name)
        standing.isUsable = json["is_usable"]?.bool ?? false
        standing.fault = json["fault"]?.string.flatMap(CredentialFault.init)
        standing.freeAt = json["free_at"]?.int.map(Int64.init)
        let room = json["room"]?.scaled(byPowerOfTen: 6)
        standing.isMeasured = room != nil
        standing.room = room.map { Double($0) / 1e6 } ?? 1
        standing.open = json["open"]?.int ?? 0
        standing.recent = json["recent"]?.int ?? 0
    }
}

extension JSONLine {
    fileprivate mutating func target(_ target: TargetReport) {
        let standing = target.standing
        begin()
        text("provider", target.provider)
        text("model", target.model)
        text("state", standing.state.rawValue)
        number("refused_until", standing.refusedUntil)
        flag("wants_probe", standing.wantsProbe)
        number("weight_percent", standing.weightPercent)
        number("open", standing.open)
        number("first_byte_mean", standing.firstByteMean)
        number("first_byte_p95", standing.firstByteP95)
        end()
    }

    fileprivate mutating func credential(_ credential: CredentialReport) {
        let standing = credential.standing
        begin()
        text("provider", credential.provider)
        text("name", credential.name)
        flag("is_usable", standing.isUsable)
        text("fault", standing.fault?.rawValue)
        number("free_at", standing.freeAt)
        member("room", standing.isMeasured && standing.room.isFinite ? "\(standing.room)" : "null")
        number("open", standing.open)
        number("recent", standing.recent)
        end()
    }
}
