/// The Prometheus text format, version 0.0.4.
struct PrometheusText {
    var text = ""

    mutating func counter(_ name: String, _ help: String) { describe(name, help, "counter") }
    mutating func gauge(_ name: String, _ help: String) { describe(name, help, "gauge") }
    mutating func histogram(_ name: String, _ help: String) { describe(name, help, "histogram") }

    mutating func line(_ name: String, _ labels: String, _ value: String) {
        text += labels.isEmpty ? "\(name) \(value)\n" : "\(name){\(labels)} \(value)\n"
    }

    private mutating func describe(_ name: String, _ help: String, _ kind: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind)\n"
    }
}

/// A label value in quotes, with backslash, quote and line feed escaped.
func quoted(_ value: String) -> String {
    var text = "\""
    for character in value.unicodeScalars {
        switch character {
        case "\\": text += "\\\\"
        case "\"": text += "\\\""
        case "\n": text += "\\n"
        default: text.unicodeScalars.append(character)
        }
    }
    return text + "\""
}
