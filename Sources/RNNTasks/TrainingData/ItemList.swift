import RNNCore

/// Items by their number: those of an array, or such as are made each time they are asked for,
/// which take no memory of their own.
///
/// ```swift
/// let text: [Int32] = [3, 1, 4, 1, 5]
/// let pairs = ExampleList(count: text.count - 1) { index in
///   Example(
///     input: .tokens([text[index]]), target: .classPerStep([text[index + 1]]))
/// }
/// ```
public struct ItemList<Item: Sendable>: RandomAccessCollection, Sendable {
  private enum Storage: Sendable {
    case array([Item])
    case made(count: Int, @Sendable (Int) -> Item)
  }

  private let storage: Storage

  /// Holds the items of an array, without a copy.
  public init(_ items: [Item]) { storage = .array(items) }

  /// Makes the items when they are asked for.
  ///
  /// - Parameters:
  ///   - count: how many there are, 0 or more.
  ///   - item: makes that of a number in 0..<count, each time alike.
  public init(count: Int, _ item: @escaping @Sendable (Int) -> Item) {
    precondition(count >= 0, "a number of items")
    storage = .made(count: count, item)
  }

  /// The items of several lists, one list after the other.
  init(joining lists: [ItemList]) {
    guard lists.count != 1 else {
      self = lists[0]
      return
    }
    let ends = lists.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
    self.init(count: ends[lists.count]) { index in
      let list = ends.lastIndex { $0 <= index } ?? 0
      return lists[list][index - ends[list]]
    }
  }

  public var startIndex: Int { 0 }

  /// How many items there are.
  public var endIndex: Int {
    switch storage {
    case .array(let items): items.count
    case .made(let count, _): count
    }
  }

  /// The item of a number in 0..<count.
  public subscript(index: Int) -> Item {
    switch storage {
    case .array(let items): return items[index]
    case .made(let count, let item):
      precondition((0..<count).contains(index), "a number of an item")
      return item(index)
    }
  }
}

extension ItemList: ExpressibleByArrayLiteral {
  public init(arrayLiteral items: Item...) { self.init(items) }
}

extension ItemList: Equatable where Item: Equatable {
  /// Compares the items one by one.
  public static func == (first: ItemList, second: ItemList) -> Bool {
    first.elementsEqual(second)
  }
}

/// The examples of a ``SequenceTask``.
public typealias ExampleList = ItemList<Example>
