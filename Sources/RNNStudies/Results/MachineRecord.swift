import CLibrary
import RNNCore
import RNNReport

/// The machine and the build that results were measured on.
package struct MachineRecord {
  package let profile: MachineProfile
  package let threads: Int
  /// GFLOP/s of sgemm with these threads.
  package let peak: Double

  /// With a peak that is known already.
  package init(threads: Int, peak: Double) {
    profile = .current()
    self.threads = threads
    self.peak = peak
  }

  package init(team: ThreadTeam) {
    self.init(threads: team.count, peak: MachineProfile.measurePeak(team: team))
  }

  package static var generator: String {
    HTMLReport.generator("rnnbench")
  }

  package var facts: [(name: String, value: String)] {
    let sets = profile.availableSets.map(\.rawValue).joined(separator: ", ")
    return [
      ("CPU", profile.cpu), ("cores", "\(profile.coreLimit)"), ("threads", "\(threads)"),
      ("kernels", "\(profile.instructionSet) of \(sets)"),
      ("products", "\(ProductBackend.standard.rawValue) unless told (\(productsReason))"),
      ("OpenBLAS", profile.blas),
      ("OpenBLAS core", "\(profile.blasCore.name) (\(profile.blasCore.reason))"),
    ]
  }

  package var json: JSONValue {
    [
      "cpu": JSONValue(profile.cpu), "cores": JSONValue(profile.cores),
      "threads": JSONValue(threads), "instructionSet": JSONValue(profile.instructionSet.rawValue),
      "products": JSONValue(ProductBackend.standard.rawValue),
      "blas": JSONValue(profile.blas), "blasCore": JSONValue(profile.blasCore.name),
      "sgemmPeakGflops": JSONValue(peak), "rnnbench": JSONValue(Version.current),
    ]
  }

  /// Why products are multiplied as they are.
  private var productsReason: String {
    let name = ProductBackend.environmentVariable
    if let wish = environmentValue(of: name), !wish.isEmpty { return "\(name)=\(wish) was set" }
    return ProductBackend.standard == .packed
      ? "our kernels, weights packed once per change" : "cblas_sgemm, without AVX2 or AVX-512"
  }

  /// How the results came about. The peak is left out where it was not measured.
  package func section(configuration: JSONValue) -> ReportSection {
    ReportSection(
      "Machine and configuration",
      [
        .facts(
          facts
            + (peak.isFinite
              ? [("sgemm peak", NumberFormat.significant(peak, digits: 3) + " GFLOP/s")] : [])),
        .details(summary: "Everything as JSON", text: configuration.text),
      ])
  }

  /// What to change, each a full sentence; one sentence when there is nothing.
  package func advice(singleThreadPeak: Double) -> [String] {
    var lines: [String] = []
    if let best = profile.availableSets.last, profile.instructionSet != best {
      lines.append(
        "The kernels run with \(profile.instructionSet) although this CPU has \(best): "
          + "unset \(InstructionSet.environmentVariable).")
    }
    if let better = profile.blasCore.better {
      let name = BLASCore.environmentVariable
      let remedy =
        environmentValue(of: name)?.isEmpty == false
        ? "unset \(name)" : "use one that was built for many (DYNAMIC_ARCH)"
      lines.append(
        "OpenBLAS, by whose sgemm the peak is measured, runs with its core "
          + "\(profile.blasCore.name) although this CPU can use \(better): \(remedy).")
    }
    if threads > profile.cores {
      lines.append(
        "\(threads) threads are more than the cores that this process may use: they take turns, "
          + "and --threads \(profile.cores) is as fast.")
    }
    let scaling = peak / singleThreadPeak
    if threads > 1, threads <= profile.cores, scaling < 0.7 * Double(threads) {
      lines.append(
        "\(threads) threads give only \(NumberFormat.significant(scaling, digits: 2)) times the "
          + "speed of one: something else is using the cores.")
    }
    return lines.isEmpty
      ? ["Nothing to change: the fastest kernels this CPU has are in use."] : lines
  }
}
