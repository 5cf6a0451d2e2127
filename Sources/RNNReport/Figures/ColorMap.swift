/// Colours for numbers: viridis, from dark violet over blue and green to light yellow.
///
/// Its lightness grows evenly, so that equal differences look equal, black and white prints keep their order,
/// and readers with any kind of sight see the same (van der Walt and Smith 2015, in the public domain; ten of
/// its colours, with straight lines between).
enum ColorMap {
  private static let stops: [(red: Double, green: Double, blue: Double)] = [
    (68, 1, 84), (72, 40, 120), (62, 74, 137), (49, 104, 142), (38, 130, 142), (31, 158, 137),
    (53, 183, 121), (109, 205, 89), (180, 222, 44), (253, 231, 37),
  ]

  /// The colour of a share from 0 (dark) to 1 (light).
  static func color(_ share: Double) -> PNGImage.Color {
    let place = min(max(share, 0), 1) * Double(stops.count - 1)
    let index = min(Int(place), stops.count - 2)
    let (low, high, part) = (stops[index], stops[index + 1], place - Double(index))
    func mixed(_ a: Double, _ b: Double) -> UInt8 { UInt8((a + part * (b - a)).rounded()) }
    return PNGImage.Color(
      red: mixed(low.red, high.red), green: mixed(low.green, high.green),
      blue: mixed(low.blue, high.blue))
  }

  /// `count` colours in even steps.
  static func palette(_ count: Int) -> [PNGImage.Color] {
    (0..<count).map { color(Double($0) / Double(max(1, count - 1))) }
  }

  /// The same in eight of the 216 colours that terminals agree on, by number.
  static func terminalColor(_ share: Double) -> Int {
    let numbers = [53, 54, 61, 67, 73, 78, 149, 227]
    return numbers[min(numbers.count - 1, Int(min(max(share, 0), 1) * Double(numbers.count)))]
  }
}
