import RNNCore

/// Reads the series of a `.ts` file, one at a time, with classes or without.
struct SeriesInputs: PredictionReader {
  private var series: SeriesReader

  init(_ series: SeriesReader) { self.series = series }

  var hasMoreWaiting: Bool { mutating get { series.hasMoreWaiting } }

  mutating func next() throws(RNNError) -> PredictionRequest? {
    do throws(RNNError) {
      guard let (values, width, _) = try series.next() else { return nil }
      return PredictionRequest(.series(values, width: width), place: series.place)
    } catch {
      // A header that says nothing cannot be passed over.
      guard series.isInData, !series.isBroken else { throw error }
      return PredictionRequest(error)
    }
  }
}
