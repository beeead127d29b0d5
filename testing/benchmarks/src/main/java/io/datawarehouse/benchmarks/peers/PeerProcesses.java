package io.datawarehouse.benchmarks.peers;

import io.datawarehouse.benchmarks.report.Subject;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The two processes of one peer, one that answers and one that asks. Confined to one thread. */
final class PeerProcesses implements AutoCloseable {

  private static final int WARM_UP_IN_FLIGHT = 64;

  private final String name;
  private final Program server;
  private final Program client;
  private double answered;
  private Duration used = Duration.ZERO;

  /**
   * Starts both and waits until they are connected.
   *
   * @param command runs the program without its arguments
   * @param log where what they say besides goes
   */
  PeerProcesses(String name, List<String> command, Path log) throws IOException {
    this.name = name;
    this.server = new Program(command, log, "serve");
    try {
      String place = server.await(PeerProgram.READY);
      this.client = new Program(command, log, "ask", place);
      client.await(PeerProgram.READY);
    } catch (IOException e) {
      close();
      throw new IOException(name + ": " + e.getMessage() + "; see " + log, e);
    }
  }

  /** Returns requests of that many bytes, so many of them under way. */
  Subject asking(int bytes, int inFlight) {
    return new Subject() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public Measured run(Duration time) throws IOException {
        Duration before = processorTime();
        double[] figures = ask(inFlight, time);
        used = used.plus(processorTime()).minus(before);
        answered += figures[3];
        return new Measured(figures[0], figures[1], figures[2]);
      }

      @Override
      public void warmUp(Duration time) throws IOException {
        // With many under way, so that also one that is slow has compiled what it runs.
        double[] unused = ask(Math.max(inFlight, WARM_UP_IN_FLIGHT), time);
        used = Duration.ZERO;
        answered = 0;
      }

      private double[] ask(int underWay, Duration time) throws IOException {
        String result = client.ask(bytes + " " + underWay + " " + time.toMillis());
        return Arrays.stream(result.split(" ", -1)).mapToDouble(Double::parseDouble).toArray();
      }
    };
  }

  /** Returns the processor time of both processes for one request, since the last warm-up. */
  double microsOfProcessor() {
    return used.toNanos() / 1e3 / answered;
  }

  private Duration processorTime() {
    return server.processorTime().plus(client.processorTime());
  }

  @Override
  @SuppressWarnings("NullAway") // The second is not there where it could not be started.
  public void close() {
    if (client != null) {
      client.process.destroyForcibly();
    }
    server.process.destroyForcibly();
  }

  /** A process, and lines to and from it. */
  private static final class Program {

    private final Process process;
    private final BufferedReader lines;
    private final BufferedWriter orders;

    Program(List<String> command, Path log, String... arguments) throws IOException {
      List<String> all = new ArrayList<>(command);
      all.addAll(List.of(arguments));
      process =
          new ProcessBuilder(all)
              .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
              .start();
      // No process outlives the benchmark, however that ends.
      Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
      lines =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
      orders =
          new BufferedWriter(
              new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
    }

    Duration processorTime() {
      return process.info().totalCpuDuration().orElse(Duration.ZERO);
    }

    String ask(String order) throws IOException {
      orders.write(order + "\n");
      orders.flush();
      return await(PeerProgram.RESULT);
    }

    /** Returns what follows the prefix in the next line that has it; libraries print others. */
    String await(String prefix) throws IOException {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith(prefix)) {
          return line.substring(prefix.length());
        }
      }
      throw new IOException("a process has ended");
    }
  }
}
