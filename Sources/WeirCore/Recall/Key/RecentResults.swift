/// What was made of the latest few inputs: eight, the oldest goes first.
struct RecentResults<Input, Result> {
    private static var most: Int { 8 }
    private var known: [(input: Input, result: Result)] = []
    private var oldest = 0

    /// What was made of an input like that, or is made now.
    mutating func result(
        of input: Input, isLike: (Input, Input) -> Bool, make: (Input) -> Result
    ) -> Result {
        for one in known where isLike(one.input, input) { return one.result }
        let result = make(input)
        if known.count < Self.most {
            known.append((input, result))
        } else {
            known[oldest] = (input, result)
            oldest = (oldest + 1) % Self.most
        }
        return result
    }
}
