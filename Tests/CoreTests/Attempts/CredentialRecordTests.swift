import Testing
import WeirCore

@Suite struct CredentialRecordTests {
    private func told(
        limit: Int = 50, _ remaining: Int, reset: Int64? = nil, tokens: RateLimits.Limit = .init()
    ) -> RateLimits {
        var limits = RateLimits()
        limits.requests = .init(limit: limit, remaining: remaining, reset: reset)
        limits.tokens = tokens
        return limits
    }

    @Test func withoutNewsACredentialHasRoomAndIsNotMeasured() {
        var record = CredentialRecord(requestsPerMinute: nil, tokensPerMinute: nil)
        for _ in 0..<1_000 { record.begin(tokens: 10_000, now: noon) }
        let standing = record.standing(now: noon)
        #expect(standing.isUsable && standing.room == 1 && !standing.isMeasured)
        #expect(standing.open == 1_000 && standing.recent == 1_000)
    }

    @Test func eachRequestLowersWhatIsLeftUntilAReplyTellsBetter() {
        var record = CredentialRecord(requestsPerMinute: nil, tokensPerMinute: nil)
        record.begin(tokens: 1, now: noon)
        record.hear(told(49), now: noon)
        #expect(record.standing(now: noon).room == 49.0 / 50)
        for _ in 0..<9 { record.begin(tokens: 1, now: noon) }
        #expect(record.standing(now: noon).room == 40.0 / 50)
        // Others use the account too: the reply knows of more than this process sent.
        record.hear(told(20), now: noon)
        #expect(record.standing(now: noon).room == 20.0 / 50)
    }

    /// A reply that was written before the provider saw the requests behind it must not give them back.
    @Test func aReplyDoesNotKnowOfRequestsThatAreStillUnderWay() {
        var record = CredentialRecord(requestsPerMinute: nil, tokensPerMinute: nil)
        record.begin(tokens: 1, now: noon)
        record.hear(told(49), now: noon)
        for _ in 0..<20 { record.begin(tokens: 1, now: noon) }
        record.hear(told(48), now: noon)
        #expect(record.standing(now: noon).room == 29.0 / 50)
        // A new window: what is left rises at once, less the requests that may not be in it.
        record.hear(told(50), now: noon)
        #expect(record.standing(now: noon).room == 32.0 / 50)
    }

    /// With much left, what each of many replies a second tells is not read: the own count lowers it meanwhile.
    @Test func freshNewsOfMuchThatIsLeftAreNotReadAgain() {
        var record = CredentialRecord(requestsPerMinute: nil, tokensPerMinute: nil)
        func answered(at micros: Int64) -> Bool {
            record.begin(tokens: 1, now: noon + micros)
            return record.answered(now: noon + micros)
        }
        #expect(answered(at: 0))
        record.note(told(limit: 100, 90), now: noon)
        #expect(!answered(at: 10_000) && !answered(at: 99_999))
        #expect(record.standing(now: noon + 99_999).room == 0.88)
        #expect(answered(at: 100_000))
        record.note(told(limit: 100, 51), now: noon + 100_000)
        #expect(!answered(at: 100_001) && answered(at: 100_002))
        // None is under way, so nothing of what comes next is taken off.
        record.note(told(limit: 100, 40), now: noon + 100_003)
        #expect(record.standing(now: noon + 100_003).room == 0.4)
    }

    @Test func longStreamsThatWereAnsweredAreNotCountedTwice() {
        var record = CredentialRecord(requestsPerMinute: nil, tokensPerMinute: nil)
        for number in 1...30 {
            record.begin(tokens: 1, now: noon)
            record.hear(told(50 - number), now: noon)
        }
        let standing = record.standing(now: noon)
        #expect(standing.open == 30)
        #expect(standing.room == 20.0 / 50)
    }

    @Test func aLimitIsFullAgainAtItsResetOrAfterAMinuteOfSilence() {
        var record = CredentialRecord(requestsPerMinute: nil, tokensPerMinute: nil)
        record.begin(tokens: 1, now: noon)
        record.hear(told(0, reset: noon + seconds(7)), now: noon)
        #expect(record.standing(now: noon + seconds(6.9)).room == 0)
        // Nothing is left, but the provider has the last word.
        #expect(record.standing(now: noon + seconds(6.9)).isUsable)
        #expect(record.standing(now: noon + seconds(7)).room == 1)
        record.begin(tokens: 1, now: noon + seconds(8))
        #expect(record.standing(now: noon + seconds(8)).room == 49.0 / 50)
        record.hear(told(25), now: noon + seconds(9))
        #expect(record.standing(now: noon + seconds(68)).room == 25.0 / 50)
        #expect(record.standing(now: noon + seconds(69)).room == 1)
    }

    @Test func newsOfAWindowThatIsOverDoNotFillTheNewOne() {
        var record = CredentialRecord(requestsPerMinute: nil, tokensPerMinute: nil)
        for _ in 0..<2 { record.begin(tokens: 1, now: noon) }
        record.hear(told(2, reset: noon + seconds(1)), now: noon)
        // Sent in the new window, while the last reply of the old one is still under way.
        for _ in 0..<10 { record.begin(tokens: 1, now: noon + seconds(1)) }
        record.hear(told(1, reset: noon + seconds(1)), now: noon + seconds(1.5))
        #expect(record.standing(now: noon + seconds(1.5)).room == 40.0 / 50)
    }

    @Test func theScarcestLimitIsTheRoom() {
        var record = CredentialRecord(requestsPerMinute: nil, tokensPerMinute: nil)
        record.begin(tokens: 100, now: noon)
        record.hear(told(45, tokens: .init(limit: 1_000, remaining: 300)), now: noon)
        #expect(record.standing(now: noon).room == 0.3)
        record.begin(tokens: 200, now: noon)
        #expect(record.standing(now: noon).room == 0.1)
    }

    @Test func configuredRequestsAreNeverExceededInAnyMinute() {
        var record = CredentialRecord(requestsPerMinute: 50, tokensPerMinute: nil)
        var sent: [Int64] = []
        for tick in 0..<1_800 {
            let now = noon + Int64(tick) * 100_000
            let standing = record.standing(now: now)
            if standing.isUsable {
                record.begin(tokens: 1, now: now)
                record.end(estimated: 1, used: 1, now: now)
                sent.append(now)
            } else {
                #expect(standing.freeAt.map { $0 > now && $0 <= now + seconds(60) } == true)
                #expect(standing.fault == nil)
            }
        }
        for time in sent {
            #expect(sent.count { $0 > time - seconds(60) && $0 <= time } <= 50)
        }
        #expect(sent.count >= 147)
    }

    @Test func configuredTokensAreCorrectedByWhatWasUsed() {
        var record = CredentialRecord(requestsPerMinute: nil, tokensPerMinute: 1_000)
        record.begin(tokens: 900, now: noon)
        #expect(record.standing(now: noon).room < 0.11)
        record.end(estimated: 900, used: 100, now: noon + 1)
        #expect(record.standing(now: noon + 1).room == 0.9)
        record.begin(tokens: 100, now: noon + 2)
        record.end(estimated: 100, used: 2_000, now: noon + seconds(3))
        let standing = record.standing(now: noon + seconds(3))
        #expect(!standing.isUsable && standing.room == 0)
        #expect(standing.freeAt == noon + seconds(60))
        #expect(record.standing(now: noon + seconds(64)).isUsable)
    }

    @Test func aLimitedCredentialRestsExactlyAsLongAsTheProviderSaid() {
        var record = CredentialRecord(requestsPerMinute: nil, tokensPerMinute: nil)
        record.begin(tokens: 1, now: noon)
        record.setAside(.limited, until: noon + 2_345_678, now: noon)
        record.end(estimated: 1, used: nil, now: noon)
        let standing = record.standing(now: noon + 2_345_677)
        #expect(!standing.isUsable && standing.fault == .limited && standing.freeAt == noon + 2_345_678)
        #expect(record.standing(now: noon + 2_345_678).isUsable)
        #expect(record.standing(now: noon + 2_345_678).fault == nil)
    }

    /// A guess must not keep a whole pool from being asked.
    @Test func refusalsThatNameNoTimeRestForASecondHoweverMany() {
        var record = CredentialRecord(requestsPerMinute: nil, tokensPerMinute: nil)
        var now = noon
        for _ in 0..<8 {
            record.begin(tokens: 1, now: now)
            record.setAside(.limited, until: nil, now: now)
            // Another that was under way with it is the same refusal.
            record.setAside(.limited, until: nil, now: now + 1)
            record.end(estimated: 1, used: nil, now: now + 1)
            #expect(record.standing(now: now + 1).freeAt == now + seconds(1))
            now += seconds(1)
        }
        #expect(record.standing(now: now).isUsable)
    }

    @Test(arguments: [(CredentialFault.rejected, 600.0), (.outOfMoney, 3_600)])
    func aRejectedCredentialIsTriedByOneRequestAtATime(fault: CredentialFault, rest: Double) {
        var record = CredentialRecord(requestsPerMinute: nil, tokensPerMinute: nil)
        record.setAside(fault, until: nil, now: noon)
        #expect(record.standing(now: noon).freeAt == noon + seconds(rest))
        // A stream from before ends well: that says nothing of now.
        record.end(estimated: 1, used: 1, now: noon + 1)
        #expect(record.standing(now: noon + 2).fault == fault)
        // A late 429 does not shorten the rest.
        record.setAside(.limited, until: noon + 3, now: noon + 2)
        #expect(record.standing(now: noon + 4).fault == fault)
        let later = noon + seconds(rest)
        #expect(record.standing(now: later).isUsable)
        #expect(record.standing(now: later).fault == fault)
        record.begin(tokens: 1, now: later)
        #expect(!record.standing(now: later).isUsable)
        record.setAside(fault, until: nil, now: later + 1)
        record.end(estimated: 1, used: nil, now: later + 1)
        #expect(record.standing(now: later + 1).freeAt == later + 1 + seconds(rest))
        let last = later + 1 + seconds(rest)
        record.begin(tokens: 1, now: last)
        record.end(estimated: 1, used: 10, now: last + 1)
        #expect(record.standing(now: last + 1).fault == nil)
        #expect(record.standing(now: last + 1).isUsable)
    }

    @Test func aTrialThatNeverEndsHoldsOthersUpForAMinute() {
        var record = CredentialRecord(requestsPerMinute: nil, tokensPerMinute: nil)
        record.setAside(.rejected, until: noon + 1, now: noon)
        record.begin(tokens: 1, now: noon + 1)
        #expect(record.standing(now: noon + seconds(59)).freeAt == noon + 1 + seconds(60))
        #expect(record.standing(now: noon + 1 + seconds(60)).isUsable)
    }

    @Test func randomSequencesKeepTheCountsInBounds() {
        var draws = Draws(23)
        for _ in 0..<200 {
            var record = CredentialRecord(
                requestsPerMinute: draws.next() % 2 == 0 ? 20 : nil,
                tokensPerMinute: draws.next() % 2 == 0 ? 500 : nil)
            var now = noon
            for _ in 0..<300 {
                now += Int64(draws.next() % 4_000_000) - (draws.next() % 50 == 0 ? seconds(90) : 0)
                let amount = Int(draws.next() % 100)
                switch draws.next() % 6 {
                case 0, 1: record.begin(tokens: amount, now: now)
                case 2: record.end(estimated: amount, used: amount / 2, now: now)
                case 3: record.end(estimated: amount, used: nil, now: now)
                case 4: record.hear(told(Int(draws.next() % 60), reset: now + 3_000_000), now: now)
                default:
                    let fault = CredentialFault.allCases[Int(draws.next() % 3)]
                    record.setAside(fault, until: draws.next() % 2 == 0 ? now + 5_000_000 : nil, now: now)
                }
                let standing = record.standing(now: now)
                #expect(standing.open >= 0 && standing.recent >= 0)
                #expect(standing.room >= 0 && standing.room <= 1)
                #expect(standing.isUsable == (standing.freeAt == nil))
            }
            // However it was left, two hours later it may be used.
            #expect(record.standing(now: now + seconds(7_200)).isUsable)
        }
    }
}
