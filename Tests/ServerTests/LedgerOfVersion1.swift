import GRDB

/// Makes the database that Weir 0.1.0 left, in a directory.
func makeLedgerOfVersion1(in directory: String) throws {
    let queue = try DatabaseQueue(path: directory + "/ledger.sqlite")
    try queue.write { try $0.execute(sql: ledgerOfVersion1) }
    try queue.close()
}

/// `ledger.sqlite` as Weir 0.1.0 left it after one request, dumped as SQL.
private let ledgerOfVersion1 = """
    CREATE TABLE attempts (
        request INTEGER NOT NULL,
        number INTEGER NOT NULL,
        provider TEXT NOT NULL,
        model TEXT,
        started_after INTEGER NOT NULL,
        head_after INTEGER,
        ended_after INTEGER NOT NULL,
        status INTEGER,
        reason TEXT,
        upstream_request_id TEXT,
        reused_connection INTEGER NOT NULL,
        usage_source TEXT NOT NULL,
        cost INTEGER,
        input_tokens INTEGER,
        cache_read_tokens INTEGER,
        cache_write_short_tokens INTEGER,
        cache_write_long_tokens INTEGER,
        output_tokens INTEGER,
        reasoning_tokens INTEGER,
        web_searches INTEGER,
        service_tier TEXT,
        speed TEXT,
        inference_geo TEXT,
        stated_cost INTEGER,
        usage_parts TEXT,
        is_estimated INTEGER NOT NULL,
        PRIMARY KEY (request, number)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO "attempts" VALUES(1,1,'anthropic','claude-sonnet-5-5',2806,3248,3446,200,NULL,
        'req_011SoLUpr1Be03wfkYSX9wLt',0,'provider',214000,7,0,0,0,20,NULL,NULL,'standard',NULL,
        'not_available',NULL,NULL,0);
    CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
    INSERT INTO "grdb_migrations" VALUES('1 requests and attempts');
    CREATE TABLE progress (last_sequence INTEGER NOT NULL) STRICT;
    INSERT INTO "progress" VALUES(1);
    CREATE TABLE requests (
        sequence INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        state TEXT NOT NULL,
        reason TEXT,
        received_at INTEGER NOT NULL,
        first_byte_after INTEGER,
        settled_after INTEGER NOT NULL,
        overhead INTEGER NOT NULL,
        caller TEXT,
        project TEXT,
        endpoint TEXT NOT NULL,
        requested_model TEXT,
        served_model TEXT,
        provider TEXT,
        is_stream INTEGER NOT NULL,
        status INTEGER NOT NULL,
        session TEXT,
        agent TEXT,
        parent_agent TEXT,
        tags TEXT,
        user_agent TEXT,
        bytes_in INTEGER NOT NULL,
        bytes_out INTEGER NOT NULL,
        system_hash INTEGER,
        tools_hash INTEGER,
        splices TEXT,
        had_duplicate_members INTEGER NOT NULL,
        usage_source TEXT NOT NULL,
        cost INTEGER,
        input_tokens INTEGER,
        cache_read_tokens INTEGER,
        cache_write_short_tokens INTEGER,
        cache_write_long_tokens INTEGER,
        output_tokens INTEGER,
        reasoning_tokens INTEGER,
        web_searches INTEGER,
        service_tier TEXT,
        speed TEXT,
        inference_geo TEXT,
        stated_cost INTEGER,
        usage_parts TEXT,
        is_estimated INTEGER NOT NULL
    ) STRICT;
    INSERT INTO "requests" VALUES(1,'req_01a1fce4ff32b248b726ba98fe179e26','settled',NULL,
        1795244228402956,6078,6252,2812,'key_config_env','default','messages','claude-sonnet-5-5',
        'claude-sonnet-5-5','anthropic',0,200,NULL,NULL,NULL,'team=ä','curl/7.88.1',109,514,
        1077687383332931106,NULL,NULL,0,'provider',214000,7,0,0,0,20,NULL,NULL,'standard',NULL,
        'not_available',NULL,NULL,0);
    """
