extension String {
  /// The text in lines of at most `width` columns, broken between words; a word that is wider is
  /// cut between characters.
  ///
  /// Lines that the text has already stay apart. Blanks are kept but where a line is broken.
  ///
  /// - Parameter hanging: blanks before each line but the first; none where they would take half
  ///   the width or more.
  func wrapped(to width: Int, hanging: Int = 0) -> [String] {
    let width = max(1, width)
    let indent = String(repeating: " ", count: 2 * hanging < width ? hanging : 0)
    var lines: [String] = []
    for line in split(separator: "\n", omittingEmptySubsequences: false) {
      var current = ""
      var rest = line
      while !rest.isEmpty {
        let blanks = rest.prefix { $0 == " " }
        let word = String(rest.dropFirst(blanks.count).prefix { $0 != " " })
        rest = rest.dropFirst(blanks.count + word.count)
        if (current + blanks + word).displayWidth <= width {
          current += blanks + word
          continue
        }
        if !current.allSatisfy({ $0 == " " }) { lines.append(current) }
        var pieces = word.cut(to: width - indent.displayWidth)
        current = (lines.isEmpty ? "" : indent) + pieces.removeFirst()
        for piece in pieces {
          lines.append(current)
          current = indent + piece
        }
      }
      lines.append(current)
    }
    return lines
  }

  /// Pieces of at most `width` columns; a character that is wider has a piece of its own.
  private func cut(to width: Int) -> [String] {
    var pieces = [""]
    for character in self {
      let longer = pieces[pieces.count - 1] + String(character)
      if longer.displayWidth <= width || pieces[pieces.count - 1].isEmpty {
        pieces[pieces.count - 1] = longer
      } else {
        pieces.append(String(character))
      }
    }
    return pieces
  }
}
