package io.datawarehouse.it.platform;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.it.platform.DwCommand.Result;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The command {@code bin/dw}, on a node that runs and on data directories where none does. */
class DwCommandIT {

  private static final String PORT = "18120";
  private static final String OTHER_PORT = "18121";
  private static final List<String> FREE_PORTS = List.of("18122", "18123", "18124", "18125");
  private static final int EXIT_NOT_RUNNING = 3;
  private static final Duration LONG = Duration.ofMinutes(2);

  @TempDir static Path directory;
  private static DwCommand dw;
  private static Path data;
  private static Result start;

  @BeforeAll
  static void startANode() {
    dw = new DwCommand(directory);
    data = directory.resolve("a node's data");
    start =
        dw.run(DwCommand.USUAL_JAVA, "run", "--port", PORT, "--data", data.toString(), "--detach");
  }

  @AfterAll
  static void stopTheNode() {
    Result stop = dw.run("stop", "--data", data.toString());

    assertThat(stop.exitCode()).as(stop.errors()).isZero();
    assertThat(stop.output()).isEqualTo("Stopped.\n");
    assertThat(data.resolve("node.pid")).doesNotExist();
    assertThat(dw.run("status", "--data", data.toString()).exitCode()).isEqualTo(EXIT_NOT_RUNNING);
  }

  @Test
  void printsWhereTheNodeAnswersAndWhereItsTokenLies() throws IOException {
    assertThat(start.exitCode()).as(start.errors()).isZero();
    assertThat(start.output())
        .contains("http://127.0.0.1:" + PORT)
        .contains(data.toRealPath().toString())
        .contains(data.toRealPath().resolve("secrets/admin.token").toString());
  }

  @Test
  void returnsOnlyWhenTheNodeIsReady() {
    NodeClient node = new NodeClient(URI.create("http://127.0.0.1:" + PORT), data);

    assertThat(node.getOpenly("/health/ready").statusCode()).isEqualTo(200);
    assertThat(node.get("/api/v1/buckets").statusCode()).isEqualTo(200);
  }

  @Test
  void tellsThatTheNodeIsReady() throws IOException {
    Result status = dw.run("status", "--data", data.toString());

    assertThat(status.exitCode()).isZero();
    assertThat(status.output()).startsWith("Ready: http://127.0.0.1:" + PORT).contains(pid());
  }

  @Test
  void printsTheTokenOnlyWhenAsked() throws IOException {
    String token = Files.readString(data.resolve("secrets/admin.token")).strip();

    assertThat(dw.run("token", "--data", data.toString()).output()).isEqualTo(token + "\n");
    assertThat(start.output() + start.errors()).doesNotContain(token);
    assertThat(dw.run("logs", "--data", data.toString()).output()).doesNotContain(token);
    assertThat(Files.readString(Path.of("/proc", pid(), "cmdline"))).doesNotContain(token);
    assertThat(Files.readString(Path.of("/proc", pid(), "environ"))).doesNotContain(token);
  }

  @Test
  void printsTheTokenOfARole() throws IOException {
    String token = Files.readString(data.resolve("secrets/reader.token")).strip();

    assertThat(dw.run("token", "--role", "reader", "--data", data.toString()).output())
        .isEqualTo(token + "\n");
  }

  @Test
  void printsTheLogOfTheStart() {
    assertThat(dw.run("logs", "--data", data.toString()).output()).contains("DW-READY: ");
  }

  @Test
  void exactlyOneOfSeveralAtOnceStartsANode() throws Exception {
    Path contested = directory.resolve("contested");
    ExecutorService starters = Executors.newFixedThreadPool(FREE_PORTS.size());
    List<CompletableFuture<Result>> all = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      String[] line = {
        "run", "--port", FREE_PORTS.get(i), "--data", contested.toString(), "--detach"
      };
      all.add(CompletableFuture.supplyAsync(() -> dw.run(line), starters));
    }
    List<Result> results = all.stream().map(CompletableFuture::join).toList();
    starters.shutdown();
    try {
      assertThat(results.stream().filter(result -> result.exitCode() == 0)).hasSize(1);
      assertThat(results.stream().filter(result -> result.exitCode() != 0))
          .hasSize(3)
          .allSatisfy(result -> assertFailed(result, contested.toRealPath().toString()));
      assertThat(dw.run("status", "--data", contested.toString()).exitCode()).isZero();
    } finally {
      dw.run("stop", "--data", contested.toString());
    }
  }

  @Test
  void startKilledHalfWayKeepsNobodyFromTheNextOne() throws Exception {
    Path killed = directory.resolve("killed");
    Process start =
        dw.startInBackground(
            "run", "--port", FREE_PORTS.get(0), "--data", killed.toString(), "--detach");
    Awaitility.await().atMost(LONG).until(() -> Files.exists(killed.resolve("node.pid")));
    start.destroyForcibly().waitFor();
    long node = Long.parseLong(Files.readString(killed.resolve("node.pid")).strip());
    ProcessHandle orphan = ProcessHandle.of(node).orElseThrow();
    orphan.destroyForcibly();
    orphan.onExit().get(10, TimeUnit.SECONDS);

    Result next =
        dw.run("run", "--port", FREE_PORTS.get(0), "--data", killed.toString(), "--detach");

    assertThat(next.exitCode()).as(next.errors()).isZero();
    assertThat(dw.run("stop", "--data", killed.toString()).exitCode()).isZero();
  }

  @Test
  void preparesQuickStartsOnceForTheNodeThatItBuilt() throws IOException {
    Path own = directory.resolve("own");
    Map<String, String> built = Map.of("DW_JAR", "");
    String[] run = {"run", "--port", FREE_PORTS.get(0), "--data", own.toString(), "--detach"};

    Result first = dw.run(built, run);
    assertThat(first.exitCode()).as(first.errors()).isZero();
    String arguments =
        Files.readString(
            Path.of("/proc", Files.readString(own.resolve("node.pid")).strip(), "cmdline"));
    assertThat(dw.run("stop", "--data", own.toString()).exitCode()).isZero();
    Result second = dw.run(built, run);
    assertThat(dw.run("stop", "--data", own.toString()).exitCode()).isZero();

    assertThat(arguments).containsPattern("-XX:SharedArchiveFile=\\S+/node/classes-\\d+\\.jsa");
    assertThat(second.exitCode()).isZero();
    assertThat(second.output()).startsWith("DataWarehouse is ready.");
  }

  @Test
  void preparesQuickStartsWithoutStartingANode() {
    Result again = dw.run("prepare");

    assertThat(again.exitCode()).as(again.errors()).isZero();
    assertThat(again.output())
        .isEqualTo("Quick starts are prepared: " + QuickStarts.archive().orElseThrow() + "\n");
    assertThat(dw.run("prepare", "--port", FREE_PORTS.get(0)).exitCode()).isEqualTo(2);
  }

  @Test
  void leavesTheArchiveOutWhereSomethingObservesTheLoadingOfClasses() throws IOException {
    Path observed = directory.resolve("observed");
    Map<String, String> recorded =
        Map.of("DW_JAVA_OPTS", DwCommand.QUICK_JAVA + " -XX:StartFlightRecording:delay=1h");

    Result start =
        dw.run(
            recorded,
            "run",
            "--port",
            FREE_PORTS.get(0),
            "--data",
            observed.toString(),
            "--detach");
    String arguments =
        Files.readString(
            Path.of("/proc", Files.readString(observed.resolve("node.pid")).strip(), "cmdline"));
    assertThat(dw.run("stop", "--data", observed.toString()).exitCode()).isZero();

    assertThat(start.exitCode()).as(start.errors()).isZero();
    assertThat(arguments).doesNotContain("SharedArchiveFile");
  }

  @Test
  void refusesASecondNodeOnTheSameDataDirectory() throws IOException {
    String running = pid();

    Result second = dw.run("run", "--port", OTHER_PORT, "--data", data.toString());

    assertFailed(second, "a node runs on '" + data.toRealPath() + "' already");
    assertThat(pid()).isEqualTo(running);
  }

  @Test
  void refusesASecondNodeThatTheCommandDoesNotKnowOf() throws IOException {
    Path pidFile = data.resolve("node.pid");
    Path hidden = data.resolve("node.pid.hidden");
    Files.move(pidFile, hidden);
    List<Path> logs = logs(data);
    try {
      Result second = dw.run("run", "--port", OTHER_PORT, "--data", data.toString());

      assertFailed(second, data.toRealPath().toString());
      assertThat(pidFile).doesNotExist();
      assertThat(logs(data)).as("the log of the node that runs stays its own").isEqualTo(logs);
    } finally {
      Files.move(hidden, pidFile);
    }
    assertThat(dw.run("status", "--data", data.toString()).exitCode()).isZero();
    assertThat(data.resolve("tmp")).isNotEmptyDirectory();
  }

  private static List<Path> logs(Path data) throws IOException {
    try (Stream<Path> files = Files.list(data.resolve("logs"))) {
      return files.filter(file -> file.toString().contains("node.log")).sorted().toList();
    }
  }

  @Test
  void refusesATakenPortAndLeavesNothing() {
    Path fresh = directory.resolve("taken");

    assertFailed(
        dw.run("run", "--port", PORT, "--data", fresh.toString()),
        "port " + PORT + " of 127.0.0.1 is taken");
    assertThat(fresh).doesNotExist();
  }

  @Test
  void refusesAPortThatIsTakenWithoutAnswering() throws IOException {
    Path fresh = directory.resolve("bound");
    InetAddress every = InetAddress.getByName("127.0.0.2");
    try (ServerSocket taken = new ServerSocket(0, 1, every)) {
      String port = Integer.toString(taken.getLocalPort());

      assertFailed(
          dw.run("run", "--port", port, "--bind", "127.0.0.2", "--data", fresh.toString()),
          "port " + port + " of 127.0.0.2 is taken");
    }
  }

  @Test
  void refusesToStartFewerNodesThanTheClusterHas() throws IOException {
    Path larger = directory.resolve("larger");
    Files.createDirectories(larger.resolve("node-3"));

    assertFailed(
        dw.run("run", "--nodes", "2", "--port", OTHER_PORT, "--data", larger.toString()),
        "'" + larger.toRealPath() + "' holds more than 2 nodes");
    assertThat(larger)
        .isDirectoryContaining("glob:**/node-3")
        .isDirectoryNotContaining("glob:**/node-1");
  }

  @Test
  void refusesAnAddressOfAnotherMachine() {
    Path fresh = directory.resolve("elsewhere");

    assertFailed(
        dw.run("run", "--port", OTHER_PORT, "--bind", "192.0.2.1", "--data", fresh.toString()),
        "cannot listen on 192.0.2.1:" + OTHER_PORT);
    assertThat(fresh.resolve("node.pid")).doesNotExist();
  }

  @Test
  void refusesADirectoryThatCannotBeWritten() throws IOException {
    Path file = Files.createFile(directory.resolve("a file"));

    assertFailed(
        dw.run("run", "--port", OTHER_PORT, "--data", file.resolve("data").toString()),
        "cannot create the data directory '" + file.toRealPath() + "/data': Not a directory");
  }

  @ParameterizedTest
  @CsvSource({
    "--port 0, a number from 1 to 65535",
    "--port 65536, a number from 1 to 65535",
    "--port http, a number from 1 to 65535",
    "--port, --port needs a value",
    "--bind=, --bind is empty",
    "--nodes 0, a number from 1 to 99",
    "--nodes 100, a number from 1 to 99",
    "--ports 1, unknown option '--ports'",
    "8080, unexpected argument '8080'"
  })
  void refusesBadOptions(String options, String reason) {
    Result result = dw.run(("run " + options).split(" ", -1));

    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.errorLines()).singleElement().asString().contains(reason);
  }

  @Test
  void refusesJavaThatIsMissingOrOld() throws IOException {
    Path old = Files.createDirectories(directory.resolve("old/bin")).resolve("java");
    Files.writeString(old, "#!/bin/sh\necho 'openjdk version \"11.0.2\" 2019-01-15' >&2\n");
    assertThat(old.toFile().setExecutable(true)).isTrue();
    Path fresh = directory.resolve("no java");

    assertFailed(
        dw.run(
            Map.of("JAVA_HOME", old.getParent().getParent().toString()),
            "run",
            "--port",
            OTHER_PORT,
            "--data",
            fresh.toString()),
        "Java 17 or newer is needed; '" + old + "' is Java 11");
    assertFailed(
        dw.run(
            Map.of("JAVA_HOME", directory.resolve("none").toString()),
            "run",
            "--port",
            OTHER_PORT,
            "--data",
            fresh.toString()),
        "Java 17 or newer is needed");
    assertThat(fresh).doesNotExist();
  }

  @Test
  void printsWhyTheKernelDidNotBoot() {
    Path fresh = directory.resolve("no boot");

    Result result =
        dw.run(
            Map.of("DW_JAVA_OPTS", "-Xmx256m -Ddw.storage.provider=nosuch"),
            "run",
            "--port",
            OTHER_PORT,
            "--data",
            fresh.toString());

    assertFailed(result, "nosuch");
    assertThat(fresh.resolve("node.pid")).doesNotExist();
    assertThat(dw.run("status", "--data", fresh.toString()).exitCode()).isEqualTo(EXIT_NOT_RUNNING);
  }

  @Test
  void stopsInTheForegroundOnInterrupt() throws IOException, InterruptedException {
    Path other = Files.createDirectories(directory.resolve("foreground"));
    // A process that this file names but that is no node of this directory, as after a crash.
    Files.writeString(other.resolve("node.pid"), ProcessHandle.current().pid() + "\n");
    assertThat(dw.run("status", "--data", other.toString()).exitCode()).isEqualTo(EXIT_NOT_RUNNING);

    Process foreground =
        dw.startUntil("Ctrl-C stops it", "run", "--port", OTHER_PORT, "--data", other.toString());
    ProcessHandle node =
        ProcessHandle.of(Long.parseLong(Files.readString(other.resolve("node.pid")).strip()))
            .orElseThrow();
    new ProcessBuilder("bash", "-c", "kill -INT " + foreground.pid()).start().waitFor();

    assertThat(foreground.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(foreground.exitValue()).isZero();
    assertThat(node.isAlive()).isFalse();
    assertThat(other.resolve("node.pid")).doesNotExist();
    assertThat(other.resolve("tmp")).doesNotExist();
  }

  @Test
  void stopsNothingWhereNothingRuns() {
    Result stop = dw.run("stop", "--data", directory.resolve("nowhere").toString());

    assertThat(stop.exitCode()).isZero();
    assertThat(stop.output()).startsWith("No node runs on ");
  }

  @Test
  void worksThroughASymbolicLinkFromAnywhere() throws IOException {
    Path link = Files.createSymbolicLink(directory.resolve("dw-link"), Places.dwCommand());
    Process process =
        new ProcessBuilder(link.toString(), "status", "--data", data.toString())
            .directory(directory.toFile())
            .start();

    assertThat(new String(process.getInputStream().readAllBytes())).startsWith("Ready: ");
  }

  private static void assertFailed(Result result, String reason) {
    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.errorLines()).singleElement().asString().startsWith("dw: ").contains(reason);
    assertThat(result.output()).isEmpty();
  }

  private static String pid() throws IOException {
    return Files.readString(data.resolve("node.pid")).strip();
  }
}
