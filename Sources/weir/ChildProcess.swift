import ArgumentParser

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A command in the foreground: it has the terminal, and this process waits for it.
struct ChildProcess {
    private let pid: pid_t

    /// Starts a command found by PATH, with this process's environment.
    static func start(_ command: [String]) throws -> ChildProcess {
        var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var pid: pid_t = 0
        let name = command.first ?? ""
        let code = posix_spawnp(&pid, name, nil, nil, &arguments, environ)
        guard code == 0 else {
            throw ValidationError("\(name) could not be started: \(String(cString: strerror(code))).")
        }
        // Interrupts from the terminal reach the command as well; it decides what to do with them.
        signal(SIGINT, SIG_IGN)
        signal(SIGQUIT, SIG_IGN)
        return ChildProcess(pid: pid)
    }

    /// Its exit status, or 128 and the number of the signal that ended it. Blocks this thread.
    func wait() -> Int32 {
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
        let signal = status & 0x7F
        return signal == 0 ? (status >> 8) & 0xFF : 128 + signal
    }
}
