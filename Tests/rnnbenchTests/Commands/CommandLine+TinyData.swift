extension CommandLine {
  /// Files of every kind of data: `tags`, `text`, `classes.tsv` and `tunes.json`.
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
  }
}
