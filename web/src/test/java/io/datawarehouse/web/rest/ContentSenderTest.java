package io.datawarehouse.web.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.StorageMessages.BlobRead;
import io.datawarehouse.sdk.blob.StorageMessages.ReadOutcome;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Content;
import io.datawarehouse.sdk.message.Reply;
import io.datawarehouse.web.http.BodyLimits;
import io.datawarehouse.web.http.ConnectionSwitch;
import io.datawarehouse.web.http.Exchange;
import io.datawarehouse.web.http.FakeRequest;
import io.datawarehouse.web.http.ManualTicks;
import io.datawarehouse.web.http.RecordedResponse;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ContentSenderTest {

  private static final String ETAG =
      "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
  private static final Instant WRITTEN = Instant.parse("2026-11-23T09:00:00.123Z");
  private static final int SEVERAL_PIECES = 300_000;

  private final ContentSender sender = new ContentSender();
  private final RecordedResponse response = new RecordedResponse();
  private final Line line = new Line();
  private final ManualTicks ticks =
      new ManualTicks(new BodyLimits(Duration.ofSeconds(30), 0, Duration.ofSeconds(60)));

  @AfterEach
  void stop() {
    ticks.close();
  }

  /** The connection of a request, seen from the server. */
  private static final class Line implements ConnectionSwitch {
    private boolean broken;
    private boolean usual = true;

    @Override
    public void closeNow() {
      broken = true;
    }

    @Override
    public void closeAfterwards() {
      throw new AssertionError("nothing comes afterwards");
    }

    @Override
    public long unsent() {
      return 0;
    }

    @Override
    public void allowWait(Duration longest) {
      usual = false;
    }

    @Override
    public void allowUsualWait() {
      usual = true;
    }
  }

  /** A stream of random bytes that fails, or ends, at some point. */
  private static final class Source extends InputStream {
    private final byte[] bytes;
    private final int failsAt;
    private int position;

    Source(byte[] bytes, int failsAt) {
      this.bytes = bytes;
      this.failsAt = failsAt;
    }

    @Override
    public int read() {
      throw new UnsupportedOperationException();
    }

    @Override
    public int read(byte[] target, int offset, int length) {
      if (position >= failsAt) {
        throw new WarehouseException(StandardErrorCode.BLOB_CORRUPT, "a frame is damaged");
      }
      if (position == bytes.length) {
        return -1;
      }
      int count = Math.min(Math.min(length, 7_000), bytes.length - position);
      System.arraycopy(bytes, position, target, offset, count);
      position += count;
      return count;
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4096, 131_071, 131_072, 131_073, SEVERAL_PIECES})
  void sendsAllBytesWithTheirLength(int size) throws IOException {
    byte[] bytes = bytes(size);

    send(new Source(bytes, Integer.MAX_VALUE), WHOLE, size);

    assertThat(response.body()).isEqualTo(bytes);
    assertThat(response.isClosed()).isTrue();
    assertThat(response.status()).isEqualTo(200);
    assertThat(response.headers())
        .containsEntry("Content-Length", Integer.toString(size))
        .containsEntry("ETag", '"' + ETAG + '"')
        .containsEntry("Last-Modified", "Mon, 23 Nov 2026 09:00:00 GMT")
        .containsEntry("Accept-Ranges", "bytes")
        .containsEntry("Content-Type", "text/plain")
        .containsEntry("DW-Served-By", "node-1")
        .containsEntry("DW-Context", "context")
        .containsEntry("Content-Digest", "sha-256=:n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=:");
    assertThat(line.broken).isFalse();
    assertThat(line.usual).as("waits as usual again").isTrue();
  }

  @Test
  void saysWhichPartItSends() throws IOException {
    send(new Source(bytes(10), Integer.MAX_VALUE), ReadOutcome.PART, 10);

    assertThat(response.status()).isEqualTo(206);
    assertThat(response.headers())
        .containsEntry("Content-Range", "bytes 5-14/1000000")
        .containsKey("Repr-Digest")
        .doesNotContainKey("Content-Digest");
  }

  @Test
  void leavesAnErrorBeforeTheFirstByteToBeAnswered() {
    assertThatThrownBy(() -> send(new Source(bytes(SEVERAL_PIECES), 0), WHOLE, SEVERAL_PIECES))
        .hasMessageContaining("damaged");
    assertThatThrownBy(() -> send(new Source(bytes(3), Integer.MAX_VALUE), WHOLE, 4))
        .hasMessageContaining("1 bytes before its length");

    assertThat(response.isCommitted()).isFalse();
    assertThat(line.broken).isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {140_000, 299_000})
  void breaksTheConnectionOfAContentThatFailsLater(int failsAt) throws IOException {
    send(new Source(bytes(SEVERAL_PIECES), failsAt), WHOLE, SEVERAL_PIECES);

    assertThat(line.broken).isTrue();
    assertThat(response.isClosed()).isFalse();
    assertThat(response.body().length).isLessThan(SEVERAL_PIECES);
  }

  @Test
  void breaksTheConnectionOfAContentThatEndsEarly() throws IOException {
    send(new Source(bytes(200_000), Integer.MAX_VALUE), WHOLE, SEVERAL_PIECES);

    assertThat(line.broken).isTrue();
    assertThat(response.isClosed()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 140_000})
  void endsQuietlyWhereTheClientHasGone(int bytes) throws IOException {
    response.clientLeavesAfter(bytes);

    send(new Source(bytes(SEVERAL_PIECES), Integer.MAX_VALUE), WHOLE, SEVERAL_PIECES);

    assertThat(line.broken).isTrue();
  }

  @Test
  void tellsWithoutSending() throws IOException {
    sender.describe(
        exchange(), new BlobRead(WHOLE, manifest(SEVERAL_PIECES), 0, SEVERAL_PIECES), reply());

    assertThat(response.body()).isEmpty();
    assertThat(response.isCommitted()).isTrue();
    assertThat(response.status()).isEqualTo(200);
    assertThat(response.headers())
        .containsEntry("Content-Length", Integer.toString(SEVERAL_PIECES));
  }

  @Test
  void tellsOfAPartWithoutSendingIt() throws IOException {
    sender.describe(exchange(), new BlobRead(ReadOutcome.PART, manifest(100), 5, 10), reply());

    assertThat(response.body()).isEmpty();
    assertThat(response.status()).isEqualTo(206);
    assertThat(response.headers())
        .containsEntry("Content-Length", "10")
        .containsEntry("Content-Range", "bytes 5-14/100")
        .doesNotContainKey("Content-Digest");
  }

  @Test
  void saysThatTheClientHasTheVersion() throws IOException {
    sender.notModified(exchange(), manifest(1), reply());

    assertThat(response.status()).isEqualTo(304);
    assertThat(response.headers())
        .containsOnlyKeys("DW-Served-By", "ETag", "DW-Context", "Last-Modified");
  }

  private static final ReadOutcome WHOLE = ReadOutcome.WHOLE;

  private void send(InputStream source, ReadOutcome outcome, long length) throws IOException {
    boolean part = outcome == ReadOutcome.PART;
    BlobManifest manifest = manifest(part ? 1_000_000 : length);
    sender.send(
        exchange(),
        new BlobRead(outcome, manifest, part ? 5 : 0, length),
        reply(),
        Content.of(source, OptionalLong.of(length), "text/plain"));
  }

  private Exchange exchange() {
    return new Exchange(new FakeRequest().over(line), response, ticks.watch());
  }

  private static Reply reply() {
    return Reply.empty().delivered(new NodeId("node-1"), Json.codec());
  }

  private static BlobManifest manifest(long size) {
    return new BlobManifest(
        new BucketName("photos"),
        "key",
        size,
        size,
        "text/plain",
        ETAG,
        "context",
        WRITTEN,
        WRITTEN,
        Map.of(),
        List.of(),
        0,
        List.of(),
        false);
  }

  private static byte[] bytes(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }
}
