package io.datawarehouse.it.rest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.datawarehouse.it.crash.NodeProcess;
import io.datawarehouse.it.platform.Places;
import io.datawarehouse.it.platform.Trees;
import io.datawarehouse.it.rest.RestNode.Client;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Bytes that were flipped on the disk, in every kind of file that holds content, while the node
 * runs and while it is stopped: the background check finds them and tells, they are never given
 * out, all else is served, and writing anew mends.
 */
class ScrubIT {

  private static final String BUCKETS = "/api/v1/buckets/";
  private static final int LARGE = 1_500_000;
  private static final int IN_THE_THIRD_FRAME = 700_000;

  /** What lies in a file of its own, by the name of the blob. */
  private static final Map<String, String> FILES = new HashMap<>();

  private static final Map<String, byte[]> CONTENTS = new LinkedHashMap<>();
  private static final Path TEMPLATE = Places.work("scrub-template");

  private NodeProcess process;
  private Client node;

  /** Writes blobs of every kind with a node that then stops, so that all lies in its files. */
  @BeforeAll
  static void write() throws IOException {
    Trees.delete(TEMPLATE);
    Random random = new Random(5);
    try (NodeProcess writing = NodeProcess.start(TEMPLATE, options())) {
      Client client = new Client(writing.base(), TEMPLATE);
      assertThat(client.put(BUCKETS + "plain", "{\"pipeline\":[]}").status()).isEqualTo(201);
      assertThat(client.put(BUCKETS + "safe", "").status()).isEqualTo(201);
      // In this order they lie in the file of small contents.
      for (String name : List.of("safe/small-a", "safe/small-b", "safe/small-sound")) {
        put(client, name, noise(random, 3_000));
      }
      for (String name : List.of("plain/small-a", "plain/small-b", "plain/small-sound")) {
        put(client, name, marked(name, noise(random, 3_000)));
      }
      put(client, "plain/tiny", marked("plain/tiny", noise(random, 200)));
      for (String bucket : List.of("plain", "safe")) {
        for (String key : List.of("large-a", "large-b", "large-c", "large-sound")) {
          Set<String> before = contentFiles(TEMPLATE);
          put(client, bucket + "/" + key, noise(random, LARGE));
          Set<String> made = contentFiles(TEMPLATE);
          made.removeAll(before);
          assertThat(made).hasSize(1);
          FILES.put(bucket + "/" + key, made.iterator().next());
        }
      }
      writing.stop();
    }
  }

  private static void put(Client client, String name, byte[] content) throws IOException {
    assertThat(client.send("PUT", pathOf(name), content).status()).isEqualTo(201);
    CONTENTS.put(name, content);
  }

  @AfterEach
  void stop() {
    if (process != null) {
      process.close();
    }
  }

  @Test
  void damageWhileTheNodeRunsIsFoundToldNeverServedAndMended() throws IOException {
    Path data = start("scrub-running");
    flip(data.resolve(FILES.get("plain/large-a")), IN_THE_THIRD_FRAME);
    flip(data.resolve(FILES.get("safe/large-a")), IN_THE_THIRD_FRAME);
    flip(smallContents(data), 1_000);
    flip(smallContents(data), placeOf(smallContents(data), "plain/small-a") + 100);
    Set<String> damaged = Set.of("plain/large-a", "safe/large-a", "plain/small-a", "safe/small-a");

    try (Wire wire = new Wire(node.port())) {
      wire.send(node.head("GET", "/api/v1/messages/stream?pattern=storage.damaged", -1));
      Answer begun = Answer.readHead(wire.in());
      SseLines events = new SseLines(wire, begun.header("transfer-encoding").isPresent());
      events.awaitComment();
      check();

      assertDamaged(damaged);
      Set<String> told = new TreeSet<>();
      for (int i = 0; i < damaged.size(); i++) {
        String event = String.join("\n", events.next());
        damaged.stream()
            .filter(name -> event.contains(name.substring(name.indexOf('/') + 1)))
            .filter(name -> event.contains("\"" + name.substring(0, name.indexOf('/')) + "\""))
            .forEach(told::add);
      }
      assertThat(told).isEqualTo(damaged);
    }
    assertServed(damaged);
    assertPages(damaged);

    for (String name : damaged) {
      assertThat(node.send("PUT", pathOf(name), CONTENTS.get(name)).status()).isEqualTo(200);
    }
    assertThat(node.get("/api/v1/scrub").json().path("damagedBlobs").asInt()).isZero();
    assertDamaged(Set.of());
    assertServed(Set.of());
    check();
    assertDamaged(Set.of());
  }

  @Test
  void damageWhileTheNodeIsStoppedIsFoundToo() throws IOException {
    Path data = copy("scrub-stopped");
    flip(data.resolve(FILES.get("plain/large-b")), IN_THE_THIRD_FRAME);
    flip(data.resolve(FILES.get("safe/large-b")), IN_THE_THIRD_FRAME);
    try (RandomAccessFile cut =
        new RandomAccessFile(data.resolve(FILES.get("plain/large-c")).toFile(), "rw")) {
      cut.setLength(LARGE / 2);
    }
    Files.delete(data.resolve(FILES.get("safe/large-c")));
    flip(smallContents(data), 4_500);
    flip(smallContents(data), placeOf(smallContents(data), "plain/small-b") + 100);
    Set<String> damaged =
        Set.of(
            "plain/large-b",
            "safe/large-b",
            "plain/large-c",
            "safe/large-c",
            "plain/small-b",
            "safe/small-b");
    run(data);

    check();

    assertDamaged(damaged);
    assertServed(damaged);
    process.stop();
    run(data);
    // Known without another round.
    assertDamaged(damaged);
    for (String name : damaged) {
      assertThat(node.delete(pathOf(name)).status()).as(name).isEqualTo(204);
    }
    assertDamaged(Set.of());
  }

  @Test
  void damageOfATableIsToldAndNeverBecomesWrongBytes() throws IOException {
    Path data = start("scrub-table");
    assertThat(node.get(pathOf("plain/tiny")).body()).isEqualTo(CONTENTS.get("plain/tiny"));
    Path table = tableWith(data, "plain/tiny");
    flip(table, placeOf(table, "plain/tiny") + 50);

    check();

    JsonNode status = node.get("/api/v1/scrub").json();
    List<String> reasons = new ArrayList<>();
    status.path("damaged").forEach(found -> reasons.add(found.path("reason").asText()));
    // From memory the blob is still right; the table on the disk is what is damaged.
    assertThat(reasons).anyMatch(reason -> reason.contains(table.getFileName().toString()));
    assertThat(status.toString()).doesNotContain(data.toString());
    CONTENTS.forEach((name, content) -> assertRightOrRefused(name, content));
    process.stop();
    run(data);
    CONTENTS.forEach((name, content) -> assertRightOrRefused(name, content));
    assertThat(node.get(pathOf("plain/tiny")).code()).isEqualTo("BLOB_CORRUPT");
    assertThat(node.get(pathOf("plain/large-a")).body()).isEqualTo(CONTENTS.get("plain/large-a"));
    assertThat(node.send("PUT", pathOf("plain/tiny"), CONTENTS.get("plain/tiny")).status())
        .isEqualTo(200);
    assertThat(node.get(pathOf("plain/tiny")).body()).isEqualTo(CONTENTS.get("plain/tiny"));
  }

  // ---- what a node says and serves -------------------------------------------------------------

  /** Asks for a round and waits for its end. */
  private void check() throws IOException {
    Instant before = Instant.now();
    String operator = node.token("operator");
    assertThat(node.sendAs(operator, "POST", "/api/v1/scrub", new byte[0]).status()).isEqualTo(202);
    Awaitility.await()
        .atMost(Duration.ofMinutes(2))
        .until(
            () -> {
              JsonNode status = node.get("/api/v1/scrub").json();
              String ended = status.path("lastRound").path("endedAt").asText("");
              String begun = status.path("lastRound").path("startedAt").asText("");
              return status.path("state").asText().equals("WAITING")
                  && !ended.isEmpty()
                  && !Instant.parse(begun).isBefore(before);
            });
    JsonNode last = node.get("/api/v1/scrub").json().path("lastRound");
    assertThat(last.path("blobs").asLong()).isPositive();
    assertThat(last.path("bytes").asLong()).isPositive();
  }

  private void assertDamaged(Set<String> names) throws IOException {
    String reader = node.token("reader");
    JsonNode status = node.sendAs(reader, "GET", "/api/v1/scrub", null).json();
    Set<String> listed = new HashSet<>();
    status
        .path("damaged")
        .forEach(
            found -> {
              listed.add(found.path("bucket").asText() + "/" + found.path("key").asText());
              assertThat(found.path("reason").asText()).isNotBlank();
              assertThat(found.path("foundAt").asText()).isNotBlank();
            });
    assertThat(listed).isEqualTo(names);
    assertThat(status.path("damagedBlobs").asInt()).isEqualTo(names.size());

    Answer ready = node.sendAs("", "GET", "/health/ready", null);
    assertThat(ready.status()).isEqualTo(200);
    assertThat(ready.json().path("status").asText()).isEqualTo("UP");
    if (names.isEmpty()) {
      assertThat(ready.text()).doesNotContain("damagedBlobs");
    } else {
      // Payara writes numbers of checks as strings.
      assertThat(ready.json().findValue("damagedBlobs").asInt()).isEqualTo(names.size());
    }
    assertThat(node.get("/metrics").text()).contains("dw_scrub_damaged " + names.size() + ".0");
  }

  private void assertPages(Set<String> names) throws IOException {
    Set<String> listed = new TreeSet<>();
    String next = "";
    int pages = 0;
    while (next != null) {
      String after = next.isEmpty() ? "" : "&after=" + next.replace("/", "%2F");
      JsonNode page = node.get("/api/v1/scrub?limit=1" + after).json();
      page.path("damaged")
          .forEach(
              found ->
                  listed.add(found.path("bucket").asText() + "/" + found.path("key").asText()));
      next = page.hasNonNull("next") ? page.path("next").asText() : null;
      pages++;
    }
    assertThat(listed).isEqualTo(names);
    assertThat(pages).isEqualTo(names.size());
  }

  private void assertServed(Set<String> damaged) throws IOException {
    for (Map.Entry<String, byte[]> blob : CONTENTS.entrySet()) {
      if (!damaged.contains(blob.getKey())) {
        assertThat(node.get(pathOf(blob.getKey())).body())
            .as(blob.getKey())
            .isEqualTo(blob.getValue());
      } else if (blob.getKey().contains("large-c")) {
        // Cut off or gone: nothing of it can be given.
        Answer whole = node.get(pathOf(blob.getKey()));
        assertThat(whole.code()).as(blob.getKey() + whole).isEqualTo("BLOB_CORRUPT");
        assertThat(whole.status()).isEqualTo(500);
      } else if (blob.getKey().contains("large")) {
        assertLargeIsServedButForItsDamage(blob.getKey(), blob.getValue());
      } else {
        Answer whole = node.get(pathOf(blob.getKey()));
        assertThat(whole.status()).as(blob.getKey()).isEqualTo(500);
        assertThat(whole.code()).isEqualTo("BLOB_CORRUPT");
      }
    }
  }

  private void assertLargeIsServedButForItsDamage(String name, byte[] content) throws IOException {
    assertRightOrRefused(name, content);
    for (String range : List.of("699000-701000", "600000-600010", "100000-1400000")) {
      Answer part = part(name, range);
      if (part.status() == 500) {
        assertThat(part.code()).as(name + " " + range).isEqualTo("BLOB_CORRUPT");
      } else {
        // Begun before the damage: it breaks off there.
        assertThat(part.status()).isEqualTo(206);
        assertThat(range).startsWith("100000-");
        assertThat(part.body())
            .isEqualTo(Arrays.copyOfRange(content, 100_000, 100_000 + part.body().length));
        assertThat(part.body().length).isLessThan(700_000);
      }
    }
    for (int from : new int[] {0, 200_000, 1_000_000, LARGE - 100}) {
      Answer part = part(name, from + "-" + (from + 99));
      assertThat(part.status()).as(name + " from " + from).isEqualTo(206);
      assertThat(part.body()).isEqualTo(Arrays.copyOfRange(content, from, from + 100));
    }
  }

  private void assertRightOrRefused(String name, byte[] content) {
    try (Wire wire = new Wire(node.port())) {
      wire.send(node.head("GET", pathOf(name), -1));
      Answer begun = Answer.readHead(wire.in());
      if (begun.status() == 200) {
        byte[] got = readAll(wire, content.length);
        assertThat(got).as(name).isEqualTo(Arrays.copyOf(content, got.length));
      } else {
        assertThat(begun.status()).as(name).isEqualTo(500);
      }
    } catch (IOException e) {
      throw new AssertionError(name, e);
    }
  }

  /** Returns the body, as much of it as comes. */
  private Answer part(String name, String range) throws IOException {
    try (Wire wire = new Wire(node.port())) {
      wire.send(node.head("GET", pathOf(name), -1, "Range: bytes=" + range));
      Answer begun = Answer.readHead(wire.in());
      int length = Integer.parseInt(begun.header("content-length").orElseThrow());
      return new Answer(begun.status(), begun.headers(), readAll(wire, length));
    }
  }

  private static byte[] readAll(Wire wire, int most) throws IOException {
    byte[] got = new byte[most];
    int length = 0;
    try {
      while (length < most) {
        int count = wire.in().read(got, length, most - length);
        if (count < 0) {
          break;
        }
        length += count;
      }
    } catch (SocketException e) {
      // Reset: broken off as well.
      assertThat(e).hasMessageContaining("reset");
    }
    return Arrays.copyOf(got, length);
  }

  // ---- nodes and their files -------------------------------------------------------------------

  private static String[] options() {
    return new String[] {"-Xmx256m", "-Ddw.scrub.rate=1GiB", "-Ddw.scrub.pause=24h"};
  }

  private Path start(String name) throws IOException {
    Path data = copy(name);
    run(data);
    return data;
  }

  private void run(Path data) {
    process = NodeProcess.start(data, options());
    node = new Client(process.base(), data);
  }

  private static Path copy(String name) throws IOException {
    Path target = Places.work(name);
    Trees.delete(target);
    try (Stream<Path> all = Files.walk(TEMPLATE)) {
      for (Path path : all.toList()) {
        Files.copy(path, target.resolve(TEMPLATE.relativize(path).toString()));
      }
    }
    try (Stream<Path> secrets = Files.walk(target.resolve("secrets"))) {
      for (Path secret : secrets.toList()) {
        Path original = TEMPLATE.resolve(target.relativize(secret).toString());
        Files.setPosixFilePermissions(secret, Files.getPosixFilePermissions(original));
      }
    }
    return target;
  }

  private static Set<String> contentFiles(Path data) throws IOException {
    try (Stream<Path> files = Files.walk(data.resolve("plugins/storage-rocksdb/content"))) {
      Set<String> names = new HashSet<>();
      files.filter(Files::isRegularFile).forEach(f -> names.add(data.relativize(f).toString()));
      return names;
    }
  }

  /** The one file of RocksDB that holds small contents apart from their keys. */
  private static Path smallContents(Path data) throws IOException {
    return databaseFiles(data, ".blob").get(0);
  }

  private static Path tableWith(Path data, String name) throws IOException {
    for (Path table : databaseFiles(data, ".sst")) {
      if (indexOf(table, name) >= 0) {
        return table;
      }
    }
    throw new AssertionError("no table holds " + name);
  }

  private static List<Path> databaseFiles(Path data, String ending) throws IOException {
    try (Stream<Path> files = Files.list(data.resolve("plugins/storage-rocksdb/db"))) {
      return files.filter(file -> file.toString().endsWith(ending)).sorted().toList();
    }
  }

  private static int placeOf(Path file, String name) throws IOException {
    int at = indexOf(file, name);
    assertThat(at).as(name + " in " + file).isNotNegative();
    return at;
  }

  private static int indexOf(Path file, String name) throws IOException {
    return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1)
        .indexOf("content of " + name);
  }

  private static void flip(Path file, long at) throws IOException {
    try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
      assertThat(bytes.length()).isGreaterThan(at);
      bytes.seek(at);
      int value = bytes.read();
      bytes.seek(at);
      bytes.write(value ^ 0x10);
    }
  }

  private static byte[] noise(Random random, int size) {
    byte[] bytes = new byte[size];
    random.nextBytes(bytes);
    return bytes;
  }

  private static byte[] marked(String name, byte[] content) {
    byte[] mark = ("content of " + name).getBytes(StandardCharsets.ISO_8859_1);
    System.arraycopy(mark, 0, content, 0, mark.length);
    return content;
  }

  private static String pathOf(String name) {
    int slash = name.indexOf('/');
    return BUCKETS + name.substring(0, slash) + "/blobs" + name.substring(slash);
  }
}
