extension CacheEntrySummary {
    /// One JSON object; times in microseconds since 1970, money in decimal dollars, `null` for what is not known.
    package var json: String {
        var out = JSONLine()
        out.begin()
        write(to: &out)
        out.end()
        return out.result
    }

    fileprivate func write(to out: inout JSONLine) {
        out.number("id", Int64(id))
        out.text("key", key.description)
        out.text("scope", scope.description)
        out.text("endpoint", endpoint.rawValue)
        out.text("model", model)
        out.text("provider", provider)
        out.text("project", project)
        out.text("caller", caller)
        out.text("session", session)
        out.text("tags", tags)
        out.text("user", userTag)
        out.text("request_id", requestID)
        out.number("created_at", createdAt)
        out.number("expires_at", expiresAt)
        out.text("ttl_class", ttlClass)
        out.number("hits", Int64(hits))
        out.number("last_hit_at", lastHitAt)
        out.text("saved_usd", saved.description)
        out.text("baseline_usd", baseline?.description)
        out.flag("uses_tools", usesTools)
        out.text("question", question)
        out.number("bytes", Int64(bodyBytes))
        out.number("stored_bytes", storedBytes.map(Int64.init))
    }
}

extension CacheEntry {
    /// The summary's members, what else is known, and the answer itself.
    package var json: String {
        var out = JSONLine()
        out.begin()
        summary.write(to: &out)
        out.text("encoder", vector?.encoder)
        out.number("input_tokens", usage.promptTokens.map(Int64.init))
        out.number("output_tokens", usage.output.map(Int64.init))
        out.text("fields", fields.map(\.name).joined(separator: ","))
        out.member("answer", String(decoding: body, as: UTF8.self))
        out.end()
        return out.result
    }

    /// The first field, in the order of their names, that is not the same in a request and in the one whose
    /// answer this is; `nil` where all are the same.
    package func firstDifference(from other: [FieldDigest]) -> String? {
        var (one, two) = (fields[...], other[...])
        while let a = one.first, let b = two.first {
            if a.name != b.name { return min(a.name, b.name) }
            if a.hash != b.hash { return a.name }
            one = one.dropFirst()
            two = two.dropFirst()
        }
        return one.first?.name ?? two.first?.name
    }

    /// How many fields are the same, to tell the nearest of many entries.
    package func likeness(to other: [FieldDigest]) -> Int {
        var digests: [String: UInt64] = [:]
        for field in other { digests[field.name] = field.hash }
        return fields.count { digests[$0.name] == $0.hash }
    }
}
