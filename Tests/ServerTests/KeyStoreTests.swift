import Foundation
import GRDB
import Testing

@testable import WeirCore
@testable import WeirServer

@Suite struct KeyStoreTests {
    @Test func aKeyIsKnownByItsSecretUntilItIsRevoked() throws {
        let scratch = try ScratchDirectory()
        let store = try KeyStore(directory: scratch.path)
        let made = try store.create(
            name: "alice", project: "blue", allowModels: ["claude-*", "gpt-5"], now: 5)
        let secret = made.secret.reveal()
        let ring = KeyRing(keys: try store.activeKeys(), configured: [])
        #expect(ring.caller(presenting: secret) == made.key)
        #expect(ring.caller(presenting: secret + "x") == nil)
        #expect(ring.caller(presenting: String(secret.dropLast())) == nil)
        #expect(ring.caller(presenting: "") == nil)
        #expect(Array(secret.utf8).withUnsafeBytes { ring.caller(presenting: $0) } == made.key)
        #expect(made.key.allowModels == ["claude-*", "gpt-5"])
        #expect(made.key.project == "blue")
        let revoked = try store.revoke("alice", now: 9)
        #expect(revoked.revokedAt == 9)
        #expect(try store.activeKeys().isEmpty)
        #expect(try store.list() == [revoked])
        #expect(KeyRing(keys: try store.activeKeys(), configured: []).isEmpty)
    }

    @Test func onlyTheHashIsStored() throws {
        let scratch = try ScratchDirectory()
        let store = try KeyStore(directory: scratch.path)
        let secret = try store.create(name: "alice").secret.reveal()
        store.close()
        for name in try FileManager.default.contentsOfDirectory(atPath: scratch.path) {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: scratch.path + "/" + name))
            #expect(bytes.range(of: Data(secret.utf8)) == nil)
            // The prefix is stored, and not one character more.
            #expect(bytes.range(of: Data(secret.utf8.prefix(9))) == nil)
        }
        let mode = try FileManager.default.attributesOfItem(atPath: scratch.path + "/keys.sqlite")[
            .posixPermissions]
        #expect((mode as? NSNumber)?.intValue == 0o600)
    }

    @Test func secretsHaveTheirFormAndDiffer() {
        let secrets = (0..<500).map { _ in KeyStore.makeSecret().reveal() }
        #expect(Set(secrets).count == 500)
        for secret in secrets {
            #expect(secret.hasPrefix("wk_"))
            #expect(secret.count == 46)
            #expect(secret.dropFirst(3).allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) })
        }
        // Every character of the alphabet turns up among 21,500.
        #expect(Set(secrets.joined().dropFirst(3)).count >= 62)
    }

    @Test func aNameIsTakenOnlyWhileItsKeyIsGood() throws {
        let scratch = try ScratchDirectory()
        let store = try KeyStore(directory: scratch.path)
        let first = try store.create(name: "ci", now: 1).key
        #expect { try store.create(name: "ci") } throws: {
            "\($0)".contains("already a caller key named \"ci\"")
        }
        #expect(throws: StoreError.self) { try store.create(name: "") }
        try store.revoke(first.id, now: 2)
        let second = try store.create(name: "ci", now: 3).key
        #expect(second.id != first.id)
        #expect(try store.list().map(\.id) == [first.id, second.id])
        #expect { try store.revoke("nobody") } throws: { "\($0)".contains("no caller key \"nobody\"") }
    }

    @Test func limitsAreKeptWithTheKey() throws {
        let scratch = try ScratchDirectory()
        let store = try KeyStore(directory: scratch.path)
        var limits = CallerLimitOptions()
        limits.requestsPerMinute = 60
        limits.concurrent = 4
        let limited = try store.create(name: "alice", limits: limits)
        limits.tokensPerMinute = 9_000_000_000
        _ = try store.create(name: "bob", limits: limits)
        let free = try store.create(name: "carol")
        store.close()
        let again = try KeyStore(directory: scratch.path)
        #expect(try again.list().map(\.limits.requestsPerMinute) == [60, 60, nil])
        #expect(try again.list().map(\.limits.tokensPerMinute) == [nil, 9_000_000_000, nil])
        #expect(try again.list().map(\.limits.concurrent) == [4, 4, nil])
        let ring = KeyRing(keys: try again.activeKeys(), configured: [])
        #expect(ring.caller(presenting: limited.secret.reveal())?.terms != nil)
        #expect(ring.caller(presenting: free.secret.reveal())?.terms == nil)
        #expect(ring.passthroughTerms == nil)
        var config = Config()
        config.callerLimits.concurrent = 9
        let narrowed = KeyRing(keys: try again.activeKeys(), configured: [], rules: LimitRules(config))
        #expect(narrowed.caller(presenting: free.secret.reveal())?.terms != nil)
        #expect(narrowed.passthroughTerms != nil)
    }

    /// Keys that Weir 0.1.0 made.
    @Test func anOldStoreIsMigratedAndKeepsItsKeys() throws {
        let scratch = try ScratchDirectory()
        let queue = try DatabaseQueue(path: scratch.path + "/keys.sqlite")
        try KeySchema.migrator.migrate(queue, upTo: "1 keys")
        try queue.write { database in
            try database.execute(
                sql: "INSERT INTO keys VALUES ('key_1', 'alice', 'blue', '[\"gpt-5\"]', 5, NULL, 'wk_aaaaa', ?)",
                arguments: [Data(KeyDigest(of: "wk_old").bytes)])
        }
        try queue.close()
        let store = try KeyStore(directory: scratch.path)
        let key = try #require(
            KeyRing(keys: try store.activeKeys(), configured: []).caller(presenting: "wk_old"))
        #expect(key.id == "key_1" && key.allowModels == ["gpt-5"] && key.limits.isEmpty)
    }

    @Test func changesAreSeenWhoeverMakesThem() throws {
        let scratch = try ScratchDirectory()
        let server = try KeyStore(directory: scratch.path)
        let command = try KeyStore(directory: scratch.path)
        #expect(!server.hasChanged())
        let key = try command.create(name: "a").key
        #expect(server.hasChanged())
        #expect(!server.hasChanged())
        #expect(try server.activeKeys().map(\.key) == [key])
        try command.revoke("a")
        #expect(server.hasChanged())
        _ = try server.create(name: "b")
        #expect(server.hasChanged())
        #expect(!server.hasChanged())
    }

    @Test func keysOfTheConfigurationAreKeysToo() throws {
        var given = ConfiguredKey(name: "env", key: Secret("s3cret"))
        given.allowModels = ["gpt-5"]
        let ring = KeyRing(keys: [], configured: [given])
        let key = try #require(ring.caller(presenting: "s3cret"))
        #expect(key.id == "key_config_env")
        #expect(key.allowModels == ["gpt-5"])
        // A short secret shows nothing of itself.
        #expect(key.prefix == "")
        #expect(ring.caller(presenting: "S3cret") == nil)
    }

    @Test func aDigestIsSHA256() throws {
        // FIPS 180-2, appendix B.1.
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        let digest = KeyDigest(of: "abc")
        #expect(
            digest.bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined() == expected)
        #expect(digest.credentialID == "cred_ba7816bf8f01cfea")
        #expect(KeyDigest(stored: digest.bytes) == digest)
        #expect(KeyDigest(stored: digest.bytes.dropLast()) == nil)
    }
}
