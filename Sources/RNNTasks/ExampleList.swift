import RNNCore

/// Examples by their number: those of an array, or such as are made each time they are asked for,
/// which take no memory of their own.
///
/// ```swift
/// let text: [Int32] = [3, 1, 4, 1, 5]
/// let pairs = ExampleList(count: text.count - 1) { index in
///   Example(
///     input: .tokens([text[index]]), target: .classPerStep([text[index + 1]]))
/// }
/// ```
public struct ExampleList: RandomAccessCollection, Sendable {
  private enum Storage: Sendable {
    case array([Example])
    case made(count: Int, @Sendable (Int) -> Example)
  }

  private let storage: Storage

  /// Holds the examples of an array, without a copy.
  public init(_ examples: [Example]) { storage = .array(examples) }

  /// Makes the examples when they are asked for.
  ///
  /// - Parameters:
  ///   - count: how many there are, 0 or more.
  ///   - example: makes that of a number in 0..<count, each time alike.
  public init(count: Int, _ example: @escaping @Sendable (Int) -> Example) {
    precondition(count >= 0, "a number of examples")
    storage = .made(count: count, example)
  }

  public var startIndex: Int { 0 }

  /// How many examples there are.
  public var endIndex: Int {
    switch storage {
    case .array(let examples): examples.count
    case .made(let count, _): count
    }
  }

  /// The example of a number in 0..<count.
  public subscript(index: Int) -> Example {
    switch storage {
    case .array(let examples): return examples[index]
    case .made(let count, let example):
      precondition((0..<count).contains(index), "a number of an example")
      return example(index)
    }
  }
}

extension ExampleList: ExpressibleByArrayLiteral {
  public init(arrayLiteral examples: Example...) { self.init(examples) }
}

extension ExampleList: Equatable {
  /// Compares the examples one by one.
  public static func == (first: ExampleList, second: ExampleList) -> Bool {
    first.elementsEqual(second)
  }
}
