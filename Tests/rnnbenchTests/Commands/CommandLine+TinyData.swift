import Foundation

extension CommandLine {
  /// Files of every kind of data: `tags`, `text`, `classes.tsv`, `tunes.json`, `parallel`, `trees`
  /// and `pictures`.
  func fillTinyData() throws {
    for part in ["train", "valid", "test"] {
      let count = part == "train" ? 30 : 8
      let sentences = (0..<count).map { row in
        (0...row % 5).map { (row * 7 + $0 * 3) % 11 }
      }
      func text(_ word: (Int) -> String) -> String {
        sentences.map { $0.map(word).joined(separator: " ") }.joined(separator: "\n") + "\n"
      }
      try write(text { "w\($0)" }, to: "tags/\(part)/seq.in")
      try write(text { $0 < 4 ? "B-low" : "O" }, to: "tags/\(part)/seq.out")
      try write(
        sentences.map { $0.contains { $0 < 4 } ? "some" : "none" }.joined(separator: "\n") + "\n",
        to: "tags/\(part)/label")
    }
    let text = (0..<60).map { "line \($0 % 7) says \($0 * $0 % 13).\n" }.joined()
    try write(text, to: "text")
    try write(
      (0..<40).map {
        $0 % 2 == 0 ? "good\tfine and well \($0 % 5)\n" : "bad\tpoor and ill \($0 % 3)\n"
      }.joined(),
      to: "classes.tsv")
    let tune = (0..<14).map { "[\(60 + $0 % 5),\(72 + $0 % 3)]" }.joined(separator: ",")
    let tunes = Array(repeating: "[\(tune)]", count: 6).joined(separator: ",")
    try write(
      #"{"train":[\#(tunes)],"valid":[[\#(tune)]],"test":[[\#(tune)]]}"#, to: "tunes.json")
    for (part, count) in [("train", 24), ("val", 6), ("test", 6)] {
      let sentences = (0..<count).map { row in (0...row % 4).map { (row * 5 + $0 * 3) % 7 } }
      func lines(_ word: (Int) -> String) -> String {
        sentences.map { $0.map(word).joined(separator: " ") + "\n" }.joined()
      }
      try write(lines { "e\($0)" }, to: "parallel/\(part).en")
      try write(lines { "d\($0)" }, to: "parallel/\(part).de")
      let trees = sentences.map { words in
        let phrases = words.map { $0 < 4 ? "(NP (NN w\($0)))" : "(VB w\($0))" }
        return "( (S \(phrases.joined(separator: " "))) )\n"
      }
      try write(trees.joined(), to: "trees/\(part).ptb")
    }
    try fillPictures()
  }

  /// Pictures of 8 x 8 pixels, each with a square of one of two colours, and two questions about
  /// each.
  private func fillPictures() throws {
    for (part, count) in [("train", 16), ("test", 6)] {
      var bytes = Array("RLE1".utf8) + [UInt8(count), 0, 0, 0, 8, 0, 8, 0]
      var questions: [String] = []
      for index in 0..<count {
        let isRed = index % 2 == 0
        let before = UInt8(8 + index % 4)
        let color: [UInt8] = isRed ? [255, 0, 0] : [0, 0, 255]
        bytes += [3, 0, before, 255, 255, 255, 16] + color + [64 - 16 - before, 255, 255, 255]
        questions += [
          #"["what color is it?", "\#(isRed ? "red" : "blue")", \#(index)]"#,
          #"["is it red?", "\#(isRed ? "yes" : "no")", \#(index)]"#,
        ]
      }
      try write(Data(bytes), to: "pictures/\(part)/images_rle.bin")
      try write("[\(questions.joined(separator: ","))]", to: "pictures/\(part)/questions.json")
    }
  }
}
