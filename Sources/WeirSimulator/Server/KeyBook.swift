/// What is known of single keys: whether the account behind them may be used, and its limits.
struct KeyBook: Sendable {
    /// How an account stands; the raw value is what `PUT /sim/keys/{key}` takes.
    enum Standing: String, Sendable, CaseIterable {
        case ok
        /// 401: the key is not known, or no longer.
        case rejected
        /// 403: the key may not use the resource.
        case forbidden
        /// 402 `billing_error` at Anthropic, 429 `insufficient_quota` at OpenAI.
        case outOfMoney = "out_of_money"
        /// 429 without `retry-after`: `enforced_spend_limit_reached` at Anthropic, at OpenAI
        /// `insufficient_quota`.
        case spendLimit = "spend_limit"
    }

    /// What was said of one key.
    struct Account: Sendable, Equatable {
        var standing = Standing.ok
        /// `nil` takes the simulator's option.
        var requestsPerMinute: Int?
        /// `nil` takes the simulator's option.
        var tokensPerMinute: Int?

        init() {}

        /// Reads the body of `PUT /sim/keys/{key}`; `nil` where a member is not known or has no such value.
        init?(_ body: JSON) {
            guard body.isObject else { return nil }
            for (name, value) in body.members where !value.isNull {
                switch name {
                case "state":
                    guard let known = value.string.flatMap(Standing.init(rawValue:)) else { return nil }
                    standing = known
                case "requests_per_minute":
                    guard let limit = value.int, limit >= 0 else { return nil }
                    requestsPerMinute = limit
                case "tokens_per_minute":
                    guard let limit = value.int, limit >= 0 else { return nil }
                    tokensPerMinute = limit
                default: return nil
                }
            }
        }

        var json: Out {
            var members: [(String, Out)] = [("state", .string(standing.rawValue))]
            if let requestsPerMinute { members.append(("requests_per_minute", .int(requestsPerMinute))) }
            if let tokensPerMinute { members.append(("tokens_per_minute", .int(tokensPerMinute))) }
            return .object(members)
        }
    }

    /// Keys that may be named; more are refused.
    static let limit = 4_096

    private var accounts: [String: Account] = [:]

    subscript(key: String) -> Account { accounts[key] ?? Account() }

    /// False when there is no room for another key.
    mutating func set(_ account: Account, for key: String) -> Bool {
        guard accounts[key] != nil || accounts.count < Self.limit else { return false }
        accounts[key] = account
        return true
    }

    mutating func forget(_ key: String) { accounts[key] = nil }

    /// Every key that something was said of.
    var json: Out {
        .object(accounts.sorted { $0.key < $1.key }.map { ($0.key, $0.value.json) })
    }
}
