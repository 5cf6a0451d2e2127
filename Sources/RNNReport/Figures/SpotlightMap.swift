/// What of an image a question looked at: the image, and beside it the image with a shadow over
/// everything that was looked at less, the share of each region that counts, and a scale of the
/// shadow.
package struct SpotlightMap {
  package var title: String
  package var description: String
  /// Three bytes a pixel, row by row from the top.
  package var pixels: [UInt8]
  package var width: Int
  package var height: Int
  /// Some regions of the image, which may overlap, each with its share of attention.
  package var regions: [(x: Range<Int>, y: Range<Int>, weight: Double)]

  package init(
    title: String, description: String, pixels: [UInt8], width: Int, height: Int,
    regions: [(x: Range<Int>, y: Range<Int>, weight: Double)]
  ) {
    self.title = title
    self.description = description
    self.pixels = pixels
    self.width = width
    self.height = height
    self.regions = regions
  }

  private static let padding = 12.0
  /// Of each of the two images, in CSS pixels.
  private static let side = 256.0
  /// Of what was not looked at at all.
  private static let darkest = 0.85
  /// From that share of the attention on, a region says its number.
  private static let named = 0.05
  /// The side of the smallest region with a number, in CSS pixels.
  private static let leastRegion = 32.0

  package var svg: String {
    let (scale, gap) = (Self.side / Double(max(width, height)), Self.padding)
    let (w, h) = (scale * Double(width), scale * Double(height))
    let paper = Markup.element(
      "rect", ["width": "100%", "height": "100%", "fill": ChartTheme.paper])
    let caption = SVG.text(title, gap, gap + 6)
    let top = gap + 20
    let images = [gap, 2 * gap + w].map { x in
      SVG.image(picture, x: x, y: top, width: w, height: h)
    }
    let bar = bar(left: 2 * gap + w, width: w, top: top + h + gap)
    return SVG.document(
      width: max(3 * gap + 2 * w, 2 * gap + ChartTheme.textWidth(title)),
      height: bar.top + bar.fullHeight, title: title, description: description,
      content: [paper, caption] + images + [
        shadow(x: 2 * gap + w, y: top, scale: scale),
        shares(x: 2 * gap + w, y: top, scale: scale), bar.svg,
      ], shrinks: false) + "\n"
  }

  /// From what was not looked at to what was looked at most, as it is on white.
  private func bar(left: Double, width: Double, top: Double) -> ColorBar {
    let even = most * Double(self.width * height)
    let total = regions.reduce(0) { $0 + $1.weight }
    let times = total > 0 ? even / total : 0
    return ColorBar(
      colors: (0...100).map {
        PNGImage.Color.white.mixed(with: .black, share: Self.darkest * (1 - Double($0) / 100))
      }, left: left + 8, right: left + width - 8, top: top,
      ticks: [
        (left + 8, "0"), (left + width - 8, NumberFormat.significant(times, digits: 2)),
      ], title: "attention (1: spread evenly)")
  }

  /// The share of each region that counts and has room for it, white on a black plate.
  private func shares(x left: Double, y top: Double, scale: Double) -> String {
    regions.filter {
      $0.weight >= Self.named && scale * Double(min($0.x.count, $0.y.count)) >= Self.leastRegion
    }.map { region in
      let x = left + scale * Double(region.x.lowerBound + region.x.upperBound) / 2
      let y = top + scale * Double(region.y.lowerBound + region.y.upperBound) / 2
      let plate = Markup.element(
        "rect",
        [
          "x": SVG.number(x - 15), "y": SVG.number(y - 8), "width": "30", "height": "16",
          "rx": "3", "fill": PNGImage.Color.black.hex,
        ])
      let share = NumberFormat.percent(region.weight, decimals: 0)
      return plate + SVG.plain(share, x, y, size: 10, fill: PNGImage.Color.black.ink.hex)
    }.joined()
  }

  /// A square a cell between the borders of regions, the darker the less was looked at it.
  private func shadow(x left: Double, y top: Double, scale: Double) -> String {
    let (cells, most) = (cells, most)
    return cells.map { cell in
      let share = most > 0 ? cell.weight / most : 1
      return Markup.element(
        "rect",
        [
          "x": SVG.number(left + scale * Double(cell.x.0)),
          "y": SVG.number(top + scale * Double(cell.y.0)),
          "width": SVG.number(scale * Double(cell.x.1 - cell.x.0)),
          "height": SVG.number(scale * Double(cell.y.1 - cell.y.0)), "fill": "#000000",
          "fill-opacity": NumberFormat.fixed(Self.darkest * (1 - share), decimals: 2),
        ])
    }.joined()
  }

  private typealias Cell = (x: (Int, Int), y: (Int, Int), weight: Double)

  /// What lies between two borders of regions each way, with the attention to each of its pixels.
  private var cells: [Cell] {
    let xs = Set(regions.flatMap { [$0.x.lowerBound, $0.x.upperBound] } + [0, width]).sorted()
    let ys = Set(regions.flatMap { [$0.y.lowerBound, $0.y.upperBound] } + [0, height]).sorted()
    return zip(ys, ys.dropFirst()).flatMap { y in
      zip(xs, xs.dropFirst()).map { x in (x, y, weight(x: x.0, y: y.0)) }
    }
  }

  private var most: Double { cells.map(\.weight).max() ?? 0 }

  /// The shares of the regions that hold a pixel, each spread over its region.
  private func weight(x: Int, y: Int) -> Double {
    regions.reduce(0) { sum, region in
      region.x.contains(x) && region.y.contains(y)
        ? sum + region.weight / Double(region.x.count * region.y.count) : sum
    }
  }

  /// With the 216 colours of even steps where the image has more than a palette holds.
  private var picture: PNGImage {
    let colors = stride(from: 0, to: pixels.count, by: 3).map {
      PNGImage.Color(red: pixels[$0], green: pixels[$0 + 1], blue: pixels[$0 + 2])
    }
    var palette = Array(Set(colors))
    var shown = colors
    if palette.count > 256 {
      func even(_ value: UInt8) -> UInt8 { UInt8((Double(value) / 51).rounded()) * 51 }
      shown = colors.map {
        PNGImage.Color(red: even($0.red), green: even($0.green), blue: even($0.blue))
      }
      palette = Array(Set(shown))
    }
    palette.sort { ($0.red, $0.green, $0.blue) < ($1.red, $1.green, $1.blue) }
    var places: [PNGImage.Color: UInt8] = [:]
    for (place, color) in palette.enumerated() { places[color] = UInt8(place) }
    return PNGImage(
      width: width, height: height, palette: palette, pixels: shown.map { places[$0] ?? 0 })
  }
}
