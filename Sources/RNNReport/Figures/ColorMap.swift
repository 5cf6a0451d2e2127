/// Colours for numbers: viridis, from dark violet over blue and green to light yellow; where a
/// number in the middle stands for no change, from blue over white to red.
///
/// The lightness of viridis grows evenly, so that equal differences look equal, black and white
/// prints keep their order, and readers with any kind of sight see the same (van der Walt and Smith
/// 2015, in the public domain; ten of its colours, with straight lines between). Blue and red are
/// equally dark: prints without colour lose the sign.
enum ColorMap {
  private static let stops: [(red: Double, green: Double, blue: Double)] = [
    (68, 1, 84), (72, 40, 120), (62, 74, 137), (49, 104, 142), (38, 130, 142), (31, 158, 137),
    (53, 183, 121), (109, 205, 89), (180, 222, 44), (253, 231, 37),
  ]

  /// ColorBrewer's RdBu from its blue end (Brewer, Hatchard and Harrower 2003), which every kind of
  /// sight tells apart.
  private static let divergingStops: [(red: Double, green: Double, blue: Double)] = [
    (5, 48, 97), (33, 102, 172), (67, 147, 195), (146, 197, 222), (209, 229, 240), (247, 247, 247),
    (253, 219, 199), (244, 165, 130), (214, 96, 77), (178, 24, 43), (103, 0, 31),
  ]

  /// The colour of a share from 0 (dark) to 1 (light).
  ///
  /// - Parameter middle: the share that is white on a diverging scale, 0 its blue end, 1 its red
  ///   one; nil for viridis.
  static func color(_ share: Double, middle: Double? = nil) -> PNGImage.Color {
    let stops = middle == nil ? Self.stops : divergingStops
    let share = middle.map { Self.place(share, middle: $0) } ?? share
    let place = min(max(share, 0), 1) * Double(stops.count - 1)
    let index = min(Int(place), stops.count - 2)
    let (low, high, part) = (stops[index], stops[index + 1], place - Double(index))
    func mixed(_ a: Double, _ b: Double) -> UInt8 { UInt8((a + part * (b - a)).rounded()) }
    return PNGImage.Color(
      red: mixed(low.red, high.red), green: mixed(low.green, high.green),
      blue: mixed(low.blue, high.blue))
  }

  /// Where a share lies on a scale whose two halves end at `middle`: the middle at 1/2.
  static func place(_ share: Double, middle: Double) -> Double {
    if middle <= 0 { return 0.5 + 0.5 * share }
    if middle >= 1 { return 0.5 * share }
    return share < middle ? 0.5 * share / middle : 0.5 + 0.5 * (share - middle) / (1 - middle)
  }

  /// `count` colours in even steps.
  static func palette(_ count: Int, middle: Double? = nil) -> [PNGImage.Color] {
    (0..<count).map { color(Double($0) / Double(max(1, count - 1)), middle: middle) }
  }

  /// The colour of a share among those that terminals agree on, by number (16 to 255), with that of
  /// letters upon it.
  ///
  /// - Parameter middle: as of ``color(_:middle:)``.
  static func terminalColors(_ share: Double, middle: Double? = nil) -> (paper: Int, ink: Int) {
    let numbers =
      middle == nil
      ? [53, 54, 61, 67, 73, 78, 149, 227] : [18, 25, 67, 110, 153, 231, 224, 217, 174, 131, 88]
    let place = min(max(middle.map { self.place(share, middle: $0) } ?? share, 0), 1)
    let index = min(numbers.count - 1, Int(place * Double(numbers.count)))
    // Black letters on light colours, white ones on dark.
    let isLight = middle == nil ? place > 0.55 : abs(place - 0.5) < 0.28
    return (numbers[index], isLight ? 16 : 231)
  }
}
