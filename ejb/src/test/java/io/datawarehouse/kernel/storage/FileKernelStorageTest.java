package io.datawarehouse.kernel.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Bytes;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class FileKernelStorageTest {

  @TempDir Path parent;
  private Path directory;
  private FileKernelStorage storage;

  @BeforeEach
  void open() {
    directory = parent.resolve("namespace");
    storage = FileKernelStorage.open(directory);
  }

  @Test
  void valuesAreFoundAgainAlsoAfterReopening() {
    storage.put("a", bytes("one"));
    storage.put("b", bytes(""));
    storage.put("a", bytes("two"));

    for (FileKernelStorage each : List.of(storage, FileKernelStorage.open(directory))) {
      assertThat(each.get("a")).contains(bytes("two"));
      assertThat(each.get("b")).contains(bytes(""));
      assertThat(each.get("c")).isEmpty();
      assertThat(each.keys("")).containsExactly("a", "b");
    }
  }

  @Test
  void deletedKeysAreGoneAlsoAfterReopening() {
    storage.put("a", bytes("one"));

    assertThat(storage.delete("a")).isTrue();
    assertThat(storage.delete("a")).isFalse();

    assertThat(storage.get("a")).isEmpty();
    assertThat(FileKernelStorage.open(directory).keys("")).isEmpty();
  }

  @Test
  void keysAreSortedAndChosenByPrefix() {
    for (String key : List.of("b.2", "a", "b.10", "c", "b.1", "B")) {
      storage.put(key, bytes(key));
    }

    assertThat(storage.keys("b.")).containsExactly("b.1", "b.10", "b.2");
    assertThat(storage.keys("")).containsExactly("B", "a", "b.1", "b.10", "b.2", "c");
    assertThat(storage.keys("x")).isEmpty();
  }

  static Stream<String> hostileKeys() {
    return Stream.of(
        "../x",
        "..",
        ".",
        ".hidden",
        ".tmp-1",
        "/etc/passwd",
        "a/b",
        "a\\b",
        "nul\0byte",
        "line\nbreak",
        "%2e",
        "~",
        "CON",
        "a:b",
        " ",
        "ключ",
        "😀",
        "x".repeat(200),
        "/".repeat(200),
        "%".repeat(200),
        "ß".repeat(100));
  }

  @ParameterizedTest
  @MethodSource("hostileKeys")
  void anyKeyStaysInsideAndComesBackAsItWas(String key) throws IOException {
    storage.put(key, bytes(key));

    FileKernelStorage reopened = FileKernelStorage.open(directory);
    assertThat(reopened.keys("")).containsExactly(key);
    assertThat(reopened.get(key)).contains(bytes(key));
    try (Stream<Path> files = Files.walk(parent)) {
      assertThat(files.filter(Files::isRegularFile))
          .singleElement()
          .satisfies(file -> assertThat(file.getParent()).isEqualTo(directory));
    }
    assertThat(reopened.delete(key)).isTrue();
    assertThat(reopened.keys("")).isEmpty();
  }

  @Test
  void longKeysThatBeginAlikeAreDifferent() {
    String one = "/".repeat(199) + "1";
    String two = "/".repeat(199) + "2";
    storage.put(one, bytes("1"));
    storage.put(two, bytes("2"));

    FileKernelStorage reopened = FileKernelStorage.open(directory);

    assertThat(reopened.get(one)).contains(bytes("1"));
    assertThat(reopened.get(two)).contains(bytes("2"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "unpaired\uD800surrogate"})
  void keysThatCannotBeWrittenAreRefused(String key) {
    assertThatThrownBy(() -> storage.put(key, bytes("v")))
        .isInstanceOf(WarehouseException.class)
        .hasMessageStartingWith("key is ");
  }

  @Test
  void keysOverTheLimitAreRefused() {
    assertThatThrownBy(() -> storage.get("x".repeat(201))).hasMessageContaining("1 to 200 bytes");
    assertThatThrownBy(() -> storage.put("ß".repeat(101), bytes("v")))
        .hasMessageContaining("1 to 200 bytes");
  }

  @Test
  void valuesUpToTheLimitAreTakenAndNoMore() {
    byte[] most = new byte[1 << 20];
    new Random(1).nextBytes(most);
    storage.put("big", Bytes.copyOf(most));

    assertThat(FileKernelStorage.open(directory).get("big")).contains(Bytes.copyOf(most));
    assertThatThrownBy(() -> storage.put("big", Bytes.copyOf(new byte[(1 << 20) + 1])))
        .extracting(e -> ((WarehouseException) e).code())
        .isEqualTo(StandardErrorCode.TOO_LARGE);
  }

  @Test
  void whatACrashLeftIsRemoved() throws IOException {
    storage.put("a", bytes("one"));
    Path leftover = Files.writeString(directory.resolve(".tmp-17"), "half a val");

    FileKernelStorage reopened = FileKernelStorage.open(directory);

    assertThat(leftover).doesNotExist();
    assertThat(reopened.keys("")).containsExactly("a");
  }

  @Test
  void temporaryFilesDoNotStay() throws IOException {
    storage.put("a", bytes("one"));
    storage.put("a", bytes("two"));

    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files).containsExactly(directory.resolve("a"));
    }
  }

  @Test
  void damagedValueIsNeverGiven() throws IOException {
    storage.put("a", bytes("value"));
    Path file = directory.resolve("a");
    byte[] content = Files.readAllBytes(file);
    content[content.length - 1] ^= 1;
    Files.write(file, content);

    assertThatThrownBy(() -> storage.get("a"))
        .hasMessageContaining("'a'")
        .hasMessageContaining("damaged")
        .extracting(e -> ((WarehouseException) e).code())
        .isEqualTo(StandardErrorCode.STORAGE_FAILED);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3, 15, 17})
  void shortenedFileIsNeverGiven(int length) throws IOException {
    storage.put("a", bytes("value"));
    Path file = directory.resolve("a");
    byte[] content = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(content, length));

    assertThatThrownBy(() -> storage.get("a")).hasMessageContaining("damaged");
  }

  @Test
  void otherFilesInTheDirectoryAreLeftAlone() throws IOException {
    Path foreign = Files.writeString(directory.resolve("READ ME"), "hello");

    assertThat(FileKernelStorage.open(directory).keys("")).isEmpty();
    assertThat(foreign).exists();
  }

  @Test
  void failedWriteLeavesTheOldValue() throws IOException {
    storage.put("a", bytes("one"));
    // A directory in the way of the temporary file cannot be replaced.
    Path inTheWay = Files.createDirectory(directory.resolve(".tmp-1"));
    Files.writeString(inTheWay.resolve("child"), "");

    assertThatThrownBy(() -> storage.put("a", bytes("two")))
        .extracting(e -> ((WarehouseException) e).code())
        .isEqualTo(StandardErrorCode.STORAGE_FAILED);
    assertThat(storage.get("a")).contains(bytes("one"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"No space left on device", "Disk quota exceeded"})
  void fullDiskIsTold(String reason) {
    assertThat(
            DurableFiles.failure(
                    "writing", directory, new FileSystemException("file", null, reason))
                .code())
        .isEqualTo(StandardErrorCode.DISK_FULL);
  }

  @Test
  void failureDoesNotShowThePath() {
    WarehouseException failure =
        DurableFiles.failure("writing", directory, new FileSystemException("f", null, "I/O error"));

    assertThat(failure.code()).isEqualTo(StandardErrorCode.STORAGE_FAILED);
    assertThat(failure.detail()).isEqualTo("writing failed: I/O error");
  }

  @Test
  void interruptedThreadWritesAllTheSame() {
    Thread.currentThread().interrupt();

    storage.put("a", bytes("one"));

    assertThat(Thread.interrupted()).isTrue();
    assertThat(FileKernelStorage.open(directory).get("a")).contains(bytes("one"));
  }

  @Test
  void onlyTheOwnerMayLookIntoIt() throws IOException {
    storage.put("a", bytes("one"));

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory)))
        .isEqualTo("rwx------");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("a"))))
        .isEqualTo("rw-------");
  }

  @Test
  void manyThreadsSeeWholeValuesOnly() throws Exception {
    int writers = 4;
    ExecutorService threads = Executors.newFixedThreadPool(2 * writers);
    try {
      CountDownLatch done = new CountDownLatch(writers);
      storage.put("shared", bytes("0".repeat(1000)));
      List<Future<?>> tasks =
          Stream.concat(
                  IntStream.range(0, writers)
                      .<Future<?>>mapToObj(
                          n ->
                              threads.submit(
                                  () -> {
                                    for (int i = 0; i < 20; i++) {
                                      storage.put("shared", bytes(("" + n).repeat(1000)));
                                      storage.put("own-" + n + "-" + i, bytes("v"));
                                    }
                                    done.countDown();
                                  })),
                  IntStream.range(0, writers)
                      .<Future<?>>mapToObj(
                          n ->
                              threads.submit(
                                  () -> {
                                    while (done.getCount() > 0) {
                                      byte[] value = storage.get("shared").orElseThrow().toArray();
                                      assertThat(value).hasSize(1000).containsOnly(value[0]);
                                    }
                                  })))
              .toList();
      for (Future<?> task : tasks) {
        task.get();
      }
      assertThat(FileKernelStorage.open(directory).keys("own-")).hasSize(writers * 20);
    } finally {
      threads.shutdownNow();
    }
  }

  private static Bytes bytes(String text) {
    return Bytes.copyOf(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void wipesWhatACrashLeftOfAnOldValue() throws IOException {
    FileKernelStorage wiping = FileKernelStorage.openWiping(directory);
    wiping.put("key", bytes("new"));
    Path left = directory.resolve(".tmp-77");
    Files.writeString(left, "the old value");
    try (RandomAccessFile watched = new RandomAccessFile(left.toFile(), "r")) {
      FileKernelStorage.openWiping(directory);

      assertThat(left).doesNotExist();
      byte[] content = new byte[(int) watched.length()];
      watched.readFully(content);
      assertThat(content).containsOnly(0);
    }
  }

  @Test
  void keepsAValueThatACrashLeftWithASecondName() throws IOException {
    FileKernelStorage wiping = FileKernelStorage.openWiping(directory);
    wiping.put("key", bytes("value"));
    Files.createLink(directory.resolve(".tmp-77"), directory.resolve("key"));

    FileKernelStorage again = FileKernelStorage.openWiping(directory);

    assertThat(again.get("key")).contains(bytes("value"));
    assertThat(directory.resolve(".tmp-77")).doesNotExist();
  }

  @Test
  void wipesAValueThatIsReplacedOrDeletedAndLeavesNoOtherName() throws IOException {
    FileKernelStorage wiping = FileKernelStorage.openWiping(directory);
    wiping.put("key", bytes("first"));
    try (RandomAccessFile first = new RandomAccessFile(directory.resolve("key").toFile(), "r")) {
      wiping.put("key", bytes("second"));
      assertThat(first.length()).isPositive();
      byte[] content = new byte[(int) first.length()];
      first.readFully(content);
      assertThat(content).containsOnly(0);
    }
    try (RandomAccessFile second = new RandomAccessFile(directory.resolve("key").toFile(), "r")) {
      wiping.delete("key");
      byte[] content = new byte[(int) second.length()];
      second.readFully(content);
      assertThat(content).containsOnly(0);
    }
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void lengthsThatCannotBeAreDamageWhateverTheChecksumSays() throws IOException {
    storage.put("key", bytes("value"));
    byte[] whole = Files.readAllBytes(directory.resolve("key"));
    for (int keyLength : new int[] {-1, 4, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
      byte[] forged = whole.clone();
      CRC32C checksum = new CRC32C();
      ByteBuffer.wrap(forged).putInt(8, keyLength);
      checksum.update(forged, 8, forged.length - 8);
      ByteBuffer.wrap(forged).putInt(4, (int) checksum.getValue());
      Files.write(directory.resolve("key"), forged);

      assertThatThrownBy(() -> storage.get("key")).hasMessageContaining("is damaged");
    }
  }

  @Test
  void fileThatIsLongerThanAnyIsDamageAndNotRead() throws IOException {
    storage.put("key", bytes("value"));
    try (RandomAccessFile file = new RandomAccessFile(directory.resolve("key").toFile(), "rw")) {
      file.setLength(1L << 40);
    }

    assertThatThrownBy(() -> storage.get("key")).hasMessageContaining("is damaged");
  }
}
