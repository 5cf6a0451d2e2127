import FoundationEssentials
import RNNCore

/// Independent runs that processes deal out among themselves: each makes its own, and all come to
/// the results of all.
struct SpreadRuns {
  /// Nil for this process alone.
  let ranks: (any RankGroup)?

  /// The results of `run` for all items, in their order.
  ///
  /// Throws what `run` throws; `.ranks` where it threw on another rank.
  ///
  /// - Parameters:
  ///   - items: what is to be done: every `ranks.count`-th on one of the ranks.
  ///   - run: makes the results of some items, in their order.
  func map<Item, Result: Codable>(
    _ items: [Item], _ run: ([Item]) throws -> [Result]
  ) throws -> [Result] {
    guard let ranks, ranks.count > 1 else { return try run(items) }
    let own = stride(from: ranks.rank, to: items.count, by: ranks.count).map { items[$0] }
    let message: [UInt8]?
    var failure: (any Error)?
    do { message = try Self.bytes(of: run(own)) } catch { (message, failure) = (nil, error) }
    let said = try ranks.gather(orNil: message)
    if let failure { throw failure }
    let found = try said.enumerated().map { rank, bytes in
      guard let bytes, let results = try? Self.results(Result.self, in: bytes) else {
        throw RNNError(
          .ranks, "rank \(rank)", expected: "the results of its runs", found: "an error there")
      }
      return results
    }
    return items.indices.map { found[$0 % ranks.count][$0 / ranks.count] }
  }

  private static func bytes(of results: some Encodable) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return Array(try encoder.encode(results))
  }

  private static func results<Result: Decodable>(
    _: Result.Type, in bytes: [UInt8]
  ) throws -> [Result] {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return try decoder.decode([Result].self, from: Data(bytes))
  }
}
