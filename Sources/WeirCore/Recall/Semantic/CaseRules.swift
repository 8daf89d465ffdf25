/// Where upper and lower case mean the same, and where they do not.
enum CaseRules {
    /// Names with a capital inside that many write without it; other such words are taken for identifiers.
    static let brands: Set<String> = [
        "airpods", "arxiv", "bigquery", "bitbucket", "chatgpt", "cloudflare", "cloudfront", "cocoapods",
        "devops",
        "dynamodb", "ebay", "elasticsearch", "facetime", "fastapi", "github", "gitlab", "graphql", "imac",
        "imessage",
        "ios", "ipad", "ipados", "iphone", "ipod", "itunes", "javascript", "kotlin", "latex", "linkedin",
        "macbook",
        "macos", "mariadb", "mongodb", "mysql", "numpy", "onedrive", "openai", "openapi", "paypal",
        "playstation",
        "postgresql", "powerpoint", "powershell", "pytorch", "saas", "scipy", "sharepoint", "sqlite",
        "tensorflow",
        "thinkpad", "tiktok", "typescript", "vscode", "watchos", "webassembly", "websocket", "whatsapp",
        "wifi",
        "wordpress", "youtube", "jquery", "phd",
    ]

    /// Ends of dotted names that are written in either case.
    static let foldedEndings: Set<String> = [".js", ".net", ".com", ".org", ".io", ".ai"]

    /// What may follow digits in either case; not m, b, k or g, which change their meaning.
    static let foldedSuffixes: Set<String> = ["am", "pm", "st", "nd", "rd", "th", "km", "kg", "s", "x", "d"]

    /// Words that are other words with a capital: kept apart in the middle of a sentence.
    ///
    /// The words of `FunctionWord` (US, IT, WHO, Will) are kept apart too.
    static let capitalMatters: Set<String> = [
        "aids", "apple", "august", "bill", "china", "chrome", "grant", "march", "mark", "may", "mercury",
        "nice",
        "polish", "reading", "sat", "sun", "turkey", "windows", "word",
    ]
}
