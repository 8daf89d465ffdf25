import Testing
import WeirCore

@Suite struct CourseTests {
    private func course(
        _ repeatability: Repeatability = .anything, _ change: (inout RetryOptions) -> Void = { _ in }
    ) -> AttemptCourse {
        var retry = RetryOptions()
        change(&retry)
        return AttemptCourse(retry, receivedAt: noon, repeatability: repeatability)
    }

    private func next(
        _ course: inout AttemptCourse, _ fault: AttemptFault, sent: Bool = true, other: Bool = false,
        after wait: Double = 0, draw: UInt64 = .max
    ) -> AttemptCourse.Step {
        course.next(
            after: AttemptVerdict(fault), requestWasSent: sent, hasOther: other, now: noon + seconds(wait),
            draw: draw)
    }

    @Test func elsewhereComesBeforeWaiting() {
        var course = course()
        #expect(next(&course, .overloaded, other: true) == .elsewhere)
        #expect(next(&course, .overloaded, other: true) == .elsewhere)
        #expect(next(&course, .overloaded) == .again(wait: 250_000))
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
        for bound in bounds { #expect(next(&longest, .failed) == .again(wait: seconds(bound))) }
        var shortest = course { $0.attempts = 20 }
        for _ in bounds { #expect(next(&shortest, .failed, draw: 0) == .again(wait: 0)) }
        var draws = Draws(1)
        var sum: Int64 = 0
        for _ in 0..<1_000 {
            var course = course()
            guard case .again(let wait) = next(&course, .failed, draw: draws.next()) else { continue }
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
                after: verdict, requestWasSent: true, hasOther: false, now: noon, draw: draw)
            #expect(step == .again(wait: draw == 0 ? seconds(3) : seconds(3.25)))
        }
    }

    @Test func nothingBeginsAfterThePatienceIsOver() {
        var verdict = AttemptVerdict(.limited)
        verdict.retryAfter = seconds(10.1)
        var course = course()
        #expect(
            course.next(after: verdict, requestWasSent: true, hasOther: false, now: noon, draw: 0) == .stop)
        var late = self.course()
        #expect(next(&late, .failed, after: 9.9, draw: 0) == .again(wait: 0))
        #expect(next(&late, .failed, after: 10, draw: 0) == .again(wait: 0))
        #expect(next(&late, .failed, other: true, after: 10.1) == .stop)
    }

    @Test func aTargetThatStayedSilentIsLeftHoweverLate() {
        var course = course()
        #expect(next(&course, .silent, other: true, after: 120) == .elsewhere)
        #expect(next(&course, .silent, after: 120) == .stop)
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
                course.next(after: verdict, requestWasSent: true, hasOther: true, now: noon, draw: 0) == .stop
            )
        }
        var course = course()
        #expect(next(&course, .rejected) == .stop)
        #expect(next(&course, .outOfMoney) == .stop)
    }
}
