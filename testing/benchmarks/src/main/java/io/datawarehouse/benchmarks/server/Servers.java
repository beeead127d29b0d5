package io.datawarehouse.benchmarks.server;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Starts the servers that are compared, all with the same Java and the same options of it. Files
 * are found from the repository's root, which the system property {@code benchmarks.root} names.
 */
public final class Servers {

  /** The node's port. */
  public static final int NODE_PORT = 18310;

  /** The bare resource's port. */
  public static final int BASELINE_PORT = 18311;

  /** The port of s3proxy. */
  public static final int S3PROXY_PORT = 18312;

  private static final Path ROOT = Path.of(System.getProperty("benchmarks.root", "."));
  private static final Path TARGET = ROOT.resolve("testing/benchmarks/target").toAbsolutePath();

  private Servers() {}

  /** Returns an empty directory for one run. */
  public static Path workDirectory(String name) throws IOException {
    Path directory = TARGET.resolve("run").resolve(name);
    ServerProcess.delete(directory);
    return Files.createDirectories(directory);
  }

  /** Starts a node on an empty data directory; it is not ready yet. */
  public static ServerProcess node(Path work) throws IOException {
    Path jar = ROOT.resolve("server-config/micro/target/datawarehouse-micro.jar").toAbsolutePath();
    List<String> command = java(work, NODE_PORT);
    command.add("-Ddw.data.dir=" + work.resolve("data"));
    command.addAll(List.of("-jar", jar.toString()));
    return new ServerProcess("node", work, command);
  }

  /** Starts a node with {@code bin/dw run} on an empty data directory; it is not ready yet. */
  public static ServerProcess runCommand(Path work) throws IOException {
    return new ServerProcess(
        "dw",
        work,
        List.of(
            ROOT.resolve("bin/dw").toAbsolutePath().toString(),
            "run",
            "--port",
            Integer.toString(NODE_PORT),
            "--data",
            work.resolve("data").toString()));
  }

  /** Waits until the node answers an authenticated request; returns the time since its start. */
  public static Duration awaitNode(ServerProcess node, Path work) throws InterruptedException {
    return node.awaitOk(
        URI.create("http://127.0.0.1:" + NODE_PORT + "/api/v1/buckets"),
        () -> token(work).map(token -> Map.of("Authorization", "Bearer " + token)));
  }

  /** Returns the administrator's token, once there is one. */
  public static Optional<String> token(Path work) {
    Path file = work.resolve("data/secrets/admin.token");
    try {
      return Optional.of(Files.readString(file).strip()).filter(token -> !token.isEmpty());
    } catch (IOException e) {
      // Not written yet.
      return Optional.empty();
    }
  }

  /** Starts Payara Micro with one application, as it comes but for its port. */
  public static ServerProcess plainPayara(Path work, Path war) throws IOException {
    List<String> command = java(work, BASELINE_PORT);
    command.addAll(
        List.of(
            "-jar",
            TARGET.resolve("peers/payara-micro.jar").toString(),
            "--nohazelcast",
            "--disablephonehome",
            "--port",
            Integer.toString(BASELINE_PORT),
            "--deploy",
            war.toString()));
    return new ServerProcess("payara", work, command);
  }

  /** Starts Payara Micro with one application and the listener's settings of the node. */
  public static ServerProcess payara(Path work, Path war) throws IOException {
    Path settings = ROOT.resolve("server-config/micro/src/main/micro/pre-boot-commands.txt");
    List<String> command = java(work, BASELINE_PORT);
    command.addAll(
        List.of(
            "-jar",
            TARGET.resolve("peers/payara-micro.jar").toString(),
            "--nohazelcast",
            "--disablephonehome",
            "--prebootcommandfile",
            settings.toAbsolutePath().toString(),
            "--deploy",
            war.toString()));
    return new ServerProcess("payara", work, command);
  }

  /** Waits until the application's static page is there; returns the time since the start. */
  public static Duration awaitPayara(ServerProcess payara, Path war) throws InterruptedException {
    String name = war.getFileName().toString().replace(".war", "");
    return payara.awaitOk(
        URI.create("http://127.0.0.1:" + BASELINE_PORT + "/" + name + "/index.html"),
        () -> Optional.of(Map.of()));
  }

  /** Starts s3proxy on a directory of its own, without a log, and waits until it answers. */
  public static ServerProcess s3proxy(Path work) throws IOException, InterruptedException {
    Path content = Files.createDirectories(work.resolve("content"));
    Path settings =
        write(
            work.resolve("s3proxy.conf"),
            String.join(
                "\n",
                "s3proxy.endpoint=http://127.0.0.1:" + S3PROXY_PORT,
                "s3proxy.authorization=none",
                "jclouds.provider=filesystem",
                "jclouds.identity=none",
                "jclouds.credential=none",
                "jclouds.filesystem.basedir=" + content));
    Path logging =
        write(work.resolve("logback.xml"), "<configuration><root level=\"OFF\"/></configuration>");
    List<String> command = java(work, S3PROXY_PORT);
    command.addAll(
        List.of(
            "-Dlogback.configurationFile=" + logging,
            "-cp",
            TARGET.resolve("peers/s3proxy").resolve("*").toString(),
            "org.gaul.s3proxy.Main",
            "--properties",
            settings.toString()));
    ServerProcess process = new ServerProcess("s3proxy", work, command);
    process.awaitOk(
        URI.create("http://127.0.0.1:" + S3PROXY_PORT + "/"), () -> Optional.of(Map.of()));
    return process;
  }

  private static List<String> java(Path work, int port) throws IOException {
    Path temporary = Files.createDirectories(work.resolve("tmp-" + port));
    return new ArrayList<>(
        List.of(
            ServerProcess.java(),
            "-Xmx512m",
            "-XX:-UsePerfData",
            "-Djava.net.preferIPv4Stack=true",
            "-Djava.io.tmpdir=" + temporary,
            "-Ddw.bind=127.0.0.1",
            "-Ddw.port=" + port));
  }

  private static Path write(Path file, String text) throws IOException {
    return Files.write(file, (text + "\n").getBytes(StandardCharsets.UTF_8));
  }
}
