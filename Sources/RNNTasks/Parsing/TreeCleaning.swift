/// What is taken off the trees of a treebank, as is usual before a parser is trained or scored.
public struct TreeCleaning: Hashable, Sendable {
  /// Whether labels lose their functions and indices: `NP-SBJ-1` and `NP=2` become `NP`. A hyphen
  /// in the first place, as in `-LRB-`, belongs to the label.
  public var removesFunctions: Bool
  /// Whether traces go, which are words tagged `-NONE-`, and with them the constituents that hold
  /// nothing else.
  public var removesTraces: Bool
  /// Whether an outer bracket goes that has no label, or ROOT, TOP or S1 for one, and one child.
  public var removesRoot: Bool

  /// Makes a cleaning, of everything unless less is asked for.
  ///
  /// - Parameters:
  ///   - removesFunctions: whether labels lose what follows a hyphen or equals sign.
  ///   - removesTraces: whether empty elements go.
  ///   - removesRoot: whether an outer bracket without a label of its own goes.
  public init(
    removesFunctions: Bool = true, removesTraces: Bool = true, removesRoot: Bool = true
  ) {
    self.removesFunctions = removesFunctions
    self.removesTraces = removesTraces
    self.removesRoot = removesRoot
  }

  static let rootLabels: Set<String> = [BracketedTree.rootLabel, "TOP", "S1"]
  private static let traceTag = "-NONE-"

  /// The cleaned tree, nil if nothing of it is left.
  public func callAsFunction(_ tree: BracketedTree) -> BracketedTree? {
    guard let clean = cleaned(tree) else { return nil }
    if removesRoot, case .phrase(let label, let children) = clean, children.count == 1,
      Self.rootLabels.contains(label)
    {
      return children[0]
    }
    return clean
  }

  private func cleaned(_ tree: BracketedTree) -> BracketedTree? {
    switch tree {
    case .word(let word, let tag):
      return removesTraces && tag == Self.traceTag ? nil : .word(word, tag: bare(tag))
    case .phrase(let label, let children):
      let left = children.compactMap(cleaned)
      return left.isEmpty ? nil : .phrase(label: bare(label), children: left)
    }
  }

  func bare(_ label: String) -> String {
    guard removesFunctions,
      let end = label.dropFirst().firstIndex(where: { $0 == "-" || $0 == "=" }),
      !label.hasPrefix("-")
    else { return label }
    return String(label[..<end])
  }
}
