internal import Yams

/// One option: its key, what may be written there, its default, its meaning, and where the value goes.
///
/// The reader and the reference page use the same declarations.
struct ConfigOption<Root>: Sendable {
    /// Within its section, dots between levels: "limits.body".
    let key: String
    /// For the reference: "duration", "list of text".
    let typeName: String
    /// For the reference: the default as it would be written, or a word for it.
    let standard: String
    /// For the reference: the environment variable that wins over the file.
    let variable: String?
    /// One or two sentences.
    let meaning: String
    let read: @Sendable (Node, String, inout ConfigReading, inout Root) -> Void
    /// Reads the environment variable's text.
    let readVariable: @Sendable (String, inout ConfigReading, inout Root) -> Void

    /// One value at a place of `Root`; the default is read from `sample`.
    init<Value: Sendable>(
        _ key: String, _ place: any WritableKeyPath<Root, Value> & Sendable, _ type: ValueType<Value>,
        of sample: Root,
        standard: String? = nil, variable: String? = nil, _ meaning: String
    ) {
        self.key = key
        self.typeName = type.name
        self.standard = standard ?? "`\(type.show(sample[keyPath: place]))`"
        self.variable = variable
        self.meaning = meaning
        read = { node, path, reading, root in
            if let value = reading.scalar(node, path, type) { root[keyPath: place] = value }
        }
        readVariable = { text, reading, root in
            guard let variable else { return }
            switch type.parse(text) {
            case .success(let value): root[keyPath: place] = value
            case .failure(let fault):
                reading.note(
                    variable: variable, "\(fault.subject(text)) \(fault.found)",
                    write: fault.write ?? type.example)
            }
        }
    }

    /// A list of values at a place of `Root`.
    init<Value: Sendable>(
        list key: String, _ place: any WritableKeyPath<Root, [Value]> & Sendable, _ type: ValueType<Value>,
        standard: String, _ meaning: String
    ) {
        self.init(key, typeName: "list of " + type.name, standard: standard, meaning) {
            node, path, reading, root in
            root[keyPath: place] = reading.list(node, path, type)
        }
    }

    /// Anything else.
    init(
        _ key: String, typeName: String, standard: String, _ meaning: String,
        read: @escaping @Sendable (Node, String, inout ConfigReading, inout Root) -> Void
    ) {
        self.key = key
        self.typeName = typeName
        self.standard = standard
        self.meaning = meaning
        self.read = read
        variable = nil
        readVariable = { _, _, _ in }
    }
}
