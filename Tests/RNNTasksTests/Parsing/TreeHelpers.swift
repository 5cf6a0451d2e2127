import RNNCore
import RNNTasks

/// Trees to test with, and a way to write them.
enum Trees {
  /// A tree of at most `depth` brackets one in another, with labels that are hard to tell apart and
  /// constituents with one child of the same label.
  static func drawn(depth: Int, using random: inout RandomGenerator) -> BracketedTree {
    let labels = ["S", "NP", "NP-SBJ", "N", "P$P", "XX"]
    guard depth > 1, random.integer(below: 4) > 0 else {
      return .word("w\(random.integer(below: 50))", tag: labels[random.integer(below: 6)])
    }
    let children = (0...random.integer(below: 3)).map { _ in
      drawn(depth: depth - 1, using: &random)
    }
    return .phrase(label: labels[random.integer(below: 6)], children: children)
  }

  /// The trees of a text, read from a file.
  static func read(
    _ text: String, _ cleaning: TreeCleaning = TreeCleaning()
  ) throws -> [BracketedTree] {
    let directory = try TemporaryDirectory()
    return try TreeReader.trees(in: directory.write(text.utf8, to: "trees"), cleaning: cleaning)
  }

  /// One tree as it is written.
  static func tree(_ text: String) throws -> BracketedTree {
    let untouched = TreeCleaning(
      removesFunctions: false, removesTraces: false, removesRoot: false)
    return try read(text, untouched)[0]
  }
}
