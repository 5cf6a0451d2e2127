import RNNCore
import RNNReport

/// One measurement as a row of the JSON and CSV files: the same fields, named once.
package enum ThroughputRows {
  package static func json(_ results: [ThroughputResult]) -> JSONValue {
    .array(results.map { .object(fields($0)) })
  }

  package static func csv(_ results: [ThroughputResult]) -> String {
    ResultRows.csv(results.map(fields))
  }

  private static func fields(_ result: ThroughputResult) -> [ResultRows.Field] {
    let shape = result.shape
    return [
      ("name", JSONValue(shape.name)), ("cell", JSONValue("\(result.cell)")),
      ("pass", JSONValue(result.pass.rawValue)), ("batch", JSONValue(shape.batch)),
      ("steps", JSONValue(shape.steps)), ("input", JSONValue(shape.input)),
      ("hidden", JSONValue(shape.hidden)), ("layers", JSONValue(shape.layers)),
      ("bidirectional", JSONValue(shape.isBidirectional)),
      ("lengths", JSONValue(shape.lengths.map { "\($0.lowerBound)-\($0.upperBound)" })),
      ("threads", JSONValue(result.threads)),
      ("products", JSONValue(result.products.rawValue)),
      ("medianSeconds", JSONValue(result.times.median)),
      ("minSeconds", JSONValue(result.times.minimum)), ("spread", JSONValue(result.times.spread)),
      ("passes", JSONValue(result.times.count)), ("gflops", JSONValue(result.gflops)),
      ("peakShare", JSONValue(result.peakShare)),
      ("tokensPerSecond", JSONValue(result.tokensPerSecond)),
      ("bytesAllocated", JSONValue(result.bytesAllocated)),
    ]
  }
}
