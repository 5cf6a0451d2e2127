// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "RNNCore",
  products: [
    .library(name: "RNNCore", targets: ["RNNCore"]),
    .library(name: "RNNTasks", targets: ["RNNTasks"]),
    .library(name: "RNNParallel", targets: ["RNNParallel"]),
    .library(name: "rnncore", type: .static, targets: ["RNNLibrary"]),
    .executable(name: "rnnbench", targets: ["rnnbench"]),
  ],
  traits: [
    .trait(name: "MPI", description: "Train on several processes that mpirun starts, see make mpi")
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", "1.5.0"..<"1.9.0")
  ],
  targets: [
    .systemLibrary(
      name: "CBLAS", pkgConfig: "openblas",
      providers: [.apt(["libopenblas-dev", "liblapacke-dev"])]),
    // Debian's name of whichever MPI is the standard one.
    .systemLibrary(
      name: "CMPI", pkgConfig: "mpi", providers: [.apt(["libopenmpi-dev", "openmpi-bin"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .target(name: "CKernels"),
    .target(name: "CRNN"),
    .target(name: "CLibrary"),
    .target(name: "RNNCore", dependencies: ["CBLAS", "CKernels", "CLibrary"]),
    .target(
      name: "RNNParallel",
      dependencies: [
        "CLibrary", "RNNCore", .target(name: "CMPI", condition: .when(traits: ["MPI"])),
      ]),
    .target(name: "RNNTasks", dependencies: ["CLibrary", "CZlib", "RNNCore"]),
    .target(name: "RNNReport", dependencies: ["CLibrary", "RNNCore"]),
    .target(name: "RNNLibrary", dependencies: ["CLibrary", "CRNN", "RNNCore", "RNNReport"]),
    .target(name: "RNNStudies", dependencies: ["CLibrary", "RNNCore", "RNNReport", "RNNTasks"]),
    .executableTarget(
      name: "rnnbench",
      dependencies: [
        "CLibrary", "RNNCore", "RNNParallel", "RNNReport", "RNNStudies", "RNNTasks",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .example("slot-filling", at: "SlotFilling"),
    .example("character-model", at: "CharacterModel"),
    .example("gradient-profile", at: "GradientProfile"),
    .example("custom-loop", at: "CustomLoop"),
    .example("backend", at: "Backend"),
    .example("transduction", at: "Transduction"),
    .example("translation", at: "Translation"),
    .target(name: "TestSupport", dependencies: ["RNNCore"], path: "Tests/TestSupport"),
    .tests("CLibraryTests", ["CLibrary"]),
    .tests(
      "RNNCoreTests", ["RNNCore", "CKernels", "CLibrary", "TestSupport"],
      exclude: ["Golden/generate.py"]),
    .tests("RNNLibraryTests", ["RNNLibrary", "CRNN", "RNNCore", "TestSupport"]),
    .tests("RNNParallelTests", ["RNNParallel", "RNNCore", "TestSupport"]),
    .tests("RNNTasksTests", ["RNNTasks", "CLibrary", "CZlib", "TestSupport"]),
    .tests("RNNReportTests", ["RNNReport", "RNNCore", "TestSupport"]),
    .tests(
      "rnnbenchTests",
      [
        "rnnbench", "CLibrary", "RNNCore", "RNNParallel", "RNNReport", "RNNStudies", "RNNTasks",
        "TestSupport",
      ],
      exclude: ["Fixtures"]),
  ],
  swiftLanguageModes: [.v6]
)

extension Target {
  /// A program of under 100 lines, run by the tests.
  static func example(_ name: String, at folder: String) -> Target {
    .executableTarget(
      name: name, dependencies: ["RNNCore", "RNNTasks"], path: "Examples/\(folder)")
  }

  /// Tests of libraries that are optimised: `make test` builds in release, where compiling the
  /// tests themselves with optimisation would take longer than running them.
  static func tests(
    _ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []
  ) -> Target {
    .testTarget(
      name: name, dependencies: dependencies, exclude: exclude,
      swiftSettings: [.unsafeFlags(["-Onone"], .when(configuration: .release))])
  }
}
