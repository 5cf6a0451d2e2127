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
    case made(
      count: Int, willRead: (@Sendable (Range<Int>) -> Void)?, @Sendable (Int) -> Item)
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
    self.init(count: count, willRead: nil, item)
  }

  /// Makes the items when they are asked for, of data that may lie on a disk.
  ///
  /// - Parameters:
  ///   - count: how many there are, 0 or more.
  ///   - willRead: is told of neighbours before they are asked for; nil where that is no use.
  ///   - item: makes that of a number in 0..<count, each time alike.
  init(
    count: Int, willRead: (@Sendable (Range<Int>) -> Void)?,
    _ item: @escaping @Sendable (Int) -> Item
  ) {
    precondition(count >= 0, "a number of items")
    storage = .made(count: count, willRead: willRead, item)
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
    case .made(let count, _, _): count
    }
  }

  /// The item of a number in 0..<count.
  public subscript(index: Int) -> Item {
    switch storage {
    case .array(let items): return items[index]
    case .made(let count, _, let item):
      precondition((0..<count).contains(index), "a number of an item")
      return item(index)
    }
  }

  /// Says that some neighbours will be asked for, in any order: what lies on a disk is fetched.
  @Sendable func willRead(_ part: Range<Int>) {
    if case .made(_, let willRead?, _) = storage { willRead(part) }
  }

  /// Gives the items one after the other, fetching some ahead of those that lie on a disk.
  public struct Iterator: IteratorProtocol {
    private let list: ItemList
    private var place = 0

    fileprivate init(_ list: ItemList) { self.list = list }

    /// The next item; nil behind the last.
    public mutating func next() -> Item? {
      guard place < list.endIndex else { return nil }
      if place % fetchedItems == 0 {
        list.willRead(place..<Swift.min(place + fetchedItems, list.endIndex))
      }
      defer { place += 1 }
      return list[place]
    }
  }

  /// Begins with the first item.
  public func makeIterator() -> Iterator { Iterator(self) }
}

/// Items that are fetched from a disk together.
private let fetchedItems = 4096

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
