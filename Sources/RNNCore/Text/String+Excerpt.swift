extension String {
  /// In quotes, short, on one line: text from a file in a message.
  package var excerpt: String {
    let limit = 60
    var result = "'"
    for (index, scalar) in unicodeScalars.enumerated() {
      if index == limit { return result + "…'" }
      let isShown =
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: false
        default: true
        }
      result.unicodeScalars.append(isShown ? scalar : "\u{FFFD}")
    }
    return result + "'"
  }
}
