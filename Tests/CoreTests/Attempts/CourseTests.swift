import Testing
import WeirCore

@Suite struct CourseTests {
    private let here = AttemptPlace(target: 0, credential: 0)
    private let there = AttemptPlace(target: 1, credential: 0)

    private func course(
        _ repeatability: Repeatability = .anything, _ change: (inout RetryOptions) -> Void = { _ in }
    ) -> AttemptCourse {
        var retry = RetryOptions()
        change(&retry)
        return AttemptCourse(retry, receivedAt: noon, repeatability: repeatability)
    }

    private func next(
        _ course: inout AttemptCourse, _ fault: AttemptFault, sent: Bool = true,
        at place: AttemptPlace? = nil, other: Bool = false, after wait: Double = 0, draw: UInt64 = .max
    ) -> AttemptCourse.Step {
        course.next(
            after: AttemptVerdict(fault), at: place ?? here, requestWasSent: sent, hasOther: other,
            now: noon + seconds(wait), draw: draw)
    }

    @Test func elsewhereComesBeforeWaiting() {
        var course = course()
        #expect(next(&course, .overloaded, other: true) == .elsewhere)
        #expect(next(&course, .overloaded, other: true) == .elsewhere)
        #expect(next(&course, .overloaded) == .again(here, wait: 250_000))
    }

    @Test func attemptsAreCountedWhereverTheyGo() {
        var course = course()
        for _ in 0..<3 { #expect(next(&course, .failed, other: true) == .elsewhere) }
        #expect(next(&course, .failed, other: true) == .stop)
        var single = self.course { $0.attempts = 1 }
        #expect(next(&single, .failed, other: true) == .stop)
    }

    @Test func waitsDoubleUpToTheLongestWithFullJitter() {
        var longest = course {
            $0.attempts = 20; $0.patience = .seconds(600)
        }
        let bounds = [0.25, 0.5, 1, 2, 4, 8, 8, 8]
        for bound in bounds { #expect(next(&longest, .failed) == .again(here, wait: seconds(bound))) }
        var shortest = course { $0.attempts = 20 }
        for _ in bounds { #expect(next(&shortest, .failed, draw: 0) == .again(here, wait: 0)) }
        var draws = Draws(1)
        var sum: Int64 = 0
        for _ in 0..<1_000 {
            var course = course()
            guard case .again(_, let wait) = next(&course, .failed, draw: draws.next()) else { continue }
            #expect(wait >= 0 && wait <= 250_000)
            sum += wait
        }
        #expect(abs(sum / 1_000 - 125_000) < 10_000)
    }

    @Test func retryAfterIsTheLeastWaitAndJitterComesOnTop() {
        var verdict = AttemptVerdict(.limited)
        verdict.retryAfter = seconds(3)
        for draw in [UInt64.min, .max] {
            var course = course()
            let step = course.next(
                after: verdict, at: here, requestWasSent: true, hasOther: false, now: noon, draw: draw)
            #expect(step == .again(here, wait: draw == 0 ? seconds(3) : seconds(3.25)))
        }
    }

    @Test func nothingBeginsAfterThePatienceIsOver() {
        var verdict = AttemptVerdict(.limited)
        verdict.retryAfter = seconds(10.1)
        var course = course()
        #expect(
            course.next(after: verdict, at: here, requestWasSent: true, hasOther: false, now: noon, draw: 0)
                == .stop)
        var late = self.course()
        #expect(next(&late, .failed, after: 9.9, draw: 0) == .again(here, wait: 0))
        #expect(next(&late, .failed, after: 10, draw: 0) == .again(here, wait: 0))
        #expect(next(&late, .failed, other: true, after: 10.1) == .stop)
    }

    @Test func aTargetThatStayedSilentIsLeftHoweverLate() {
        var course = course()
        #expect(next(&course, .silent, other: true, after: 120) == .elsewhere)
        #expect(next(&course, .silent, after: 120) == .stop)
    }

    @Test(arguments: [AttemptFault.silent, .rejected, .outOfMoney, .noAccess])
    func whereNobodyElseIsLeftAFormerTargetIsAskedAgain(fault: AttemptFault) {
        var course = course()
        #expect(next(&course, .failed, other: true) == .elsewhere)
        #expect(next(&course, fault, at: there, after: 0.1) == .again(here, wait: seconds(0.15)))
        #expect(next(&course, fault, at: there, other: true, after: 1) == .elsewhere)
        // A refused key beside which there was another was no try.
        if fault != .silent { #expect(next(&course, fault, at: there, after: 1) == .again(here, wait: seconds(0.0))) }
        #expect(next(&course, fault, at: there, after: 1) == .stop)
    }

    @Test(arguments: [AttemptFault.limited, .rejected, .outOfMoney, .noAccess])
    func eachKeyOfAPoolIsAskedWhateverTheNumberOfAttempts(fault: AttemptFault) {
        var retry = RetryOptions()
        retry.attempts = 1
        var course = AttemptCourse(retry, receivedAt: noon, repeatability: .anything)
        for key in 0..<20 {
            let place = AttemptPlace(target: 0, credential: key)
            #expect(next(&course, fault, at: place, other: true) == .elsewhere)
        }
        #expect(next(&course, fault, at: AttemptPlace(target: 0, credential: 20)) == .stop)
    }

    @Test func theLatestOfThemIsAskedAgain() {
        var course = course()
        #expect(next(&course, .failed, other: true) == .elsewhere)
        #expect(next(&course, .broke, at: there) == .again(there, wait: seconds(0.25)))
    }

    @Test(arguments: [AttemptFault.silent, .noAccess])
    func aTargetIsNotAskedAgainThatForbadeItLater(fault: AttemptFault) {
        var course = course()
        #expect(next(&course, .failed) == .again(here, wait: seconds(0.25)))
        #expect(next(&course, fault) == .stop)
    }

    @Test func anotherCredentialOfItMayBe() {
        let second = AttemptPlace(target: here.target, credential: 1)
        var course = course()
        #expect(next(&course, .limited, other: true) == .elsewhere)
        #expect(next(&course, .rejected, at: second) == .again(here, wait: seconds(0.25)))
        #expect(next(&course, .rejected) == .stop)
    }

    @Test func theWaitForAFormerTargetCountsFromItsFailure() {
        var verdict = AttemptVerdict(.limited)
        verdict.retryAfter = seconds(3)
        let lateness: [(Double, AttemptFault, AttemptCourse.Step)] = [
            (2, .silent, .again(here, wait: seconds(1.25))), (9.9, .silent, .again(here, wait: 0)),
            (120, .silent, .again(here, wait: 0)), (120, .noAccess, .stop),
        ]
        for (wait, fault, step) in lateness {
            var course = course()
            let first = course.next(
                after: verdict, at: here, requestWasSent: true, hasOther: true, now: noon, draw: 0)
            #expect(first == .elsewhere)
            #expect(next(&course, fault, at: there, after: wait) == step)
        }
    }

    @Test(arguments: AttemptFault.allCases)
    func whatLeavesSomethingBehindIsRepeatedOnlyWhereItWasNotTaken(fault: AttemptFault) {
        let notTaken: Set<AttemptFault> = [
            .unreachable, .busy, .limited, .outOfMoney, .rejected, .noAccess, .overloaded,
        ]
        var sent = course(.refusedOnly)
        #expect(next(&sent, fault, other: true) == (notTaken.contains(fault) ? .elsewhere : .stop))
        var unsent = course(.refusedOnly)
        #expect(next(&unsent, fault, sent: false, other: true) == .elsewhere)
        var never = course(.never)
        #expect(next(&never, fault, sent: false, other: true) == .stop)
    }

    @Test func repliesForTheCallerEndTheCourse() {
        for verdict in [AttemptVerdict.good, .callersFault] {
            var course = course()
            #expect(
                course.next(
                    after: verdict, at: here, requestWasSent: true, hasOther: true, now: noon, draw: 0)
                    == .stop)
        }
        var course = course()
        #expect(next(&course, .rejected) == .stop)
        #expect(next(&course, .outOfMoney) == .stop)
    }
}
