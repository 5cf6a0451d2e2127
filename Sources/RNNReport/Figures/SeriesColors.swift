/// Which place of the palette each thing has, by its name: the same in all figures of a page.
///
/// Things are placed in the order in which the figures show them, each at a place that nothing else
/// in its figure has, as long as there is one, and that few others have.
struct SeriesColors {
  private var places: [String: Int] = [:]
  private var uses = [Int](repeating: 0, count: ChartTheme.lightSeries.count)

  init(_ charts: [any Chart]) {
    for chart in charts { add(chart.things) }
  }

  private mutating func add(_ things: [String]) {
    for thing in things where places[thing] == nil {
      let taken = Set(things.compactMap { places[$0] })
      let free = uses.indices.filter { !taken.contains($0) }
      let candidates = free.isEmpty ? Array(uses.indices) : free
      guard let place = candidates.min(by: { (uses[$0], $0) < (uses[$1], $1) }) else { continue }
      places[thing] = place
      uses[place] += 1
    }
  }

  /// The place of each of a figure's things; one whose colour an earlier one has already is of the
  /// palette's next round, which a dash tells apart.
  func places(of things: [String]) -> [String: Int] {
    var found: [String: Int] = [:]
    for thing in things where found[thing] == nil {
      var place = places[thing] ?? found.count
      while found.values.contains(place) { place += uses.count }
      found[thing] = place
    }
    return found
  }
}

extension Chart {
  package var leastWidth: Double { 0 }
  package var things: [String] { [] }
  package func colored(_ places: [String: Int]) -> Self { self }
}

extension LineChart {
  package var things: [String] { series.map { $0.thing ?? $0.name } }

  package func colored(_ places: [String: Int]) -> LineChart {
    var chart = self
    for (index, thing) in things.enumerated() { chart.series[index].color = places[thing] }
    return chart
  }
}

extension BarChart {
  package var things: [String] { groups.flatMap { $0.bars.map(\.series) } }

  package func colored(_ places: [String: Int]) -> BarChart {
    var chart = self
    chart.colors = places
    return chart
  }
}

extension HeatMap {
  package var things: [String] { paths.map(\.name) }

  package func colored(_ places: [String: Int]) -> HeatMap {
    var map = self
    for (index, thing) in things.enumerated() { map.paths[index].color = places[thing] ?? 0 }
    return map
  }
}
