package io.datawarehouse.kernel.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.kernel.peer.PeerFrame.ContentOffer;
import io.datawarehouse.kernel.peer.PeerFrame.ErrorText;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.NodeLoad;
import io.datawarehouse.sdk.error.ErrorCategory;
import io.datawarehouse.sdk.error.ErrorCode;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.federation.FederationHello;
import io.datawarehouse.sdk.federation.FederationWelcome;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Topic;
import io.datawarehouse.sdk.message.TraceContext;
import io.datawarehouse.sdk.plugin.SdkVersion;
import io.datawarehouse.testkit.kernel.ManualClock;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The form of frames on the wire. */
class FrameCodecTest {

  private static final ManualClock CLOCK = new ManualClock();
  private static final NodeId NODE = new NodeId("node-1");
  private final FrameCodec codec = new FrameCodec(Json.codec(), CLOCK);

  static List<PeerFrame> frames() {
    Message cause = Message.command(Topic.of("cause"), Payload.empty()).build();
    Message full =
        Message.command(Topic.of("storage.write"), Payload.of(Map.of("a", 1)))
            .causedBy(cause)
            .headers(Map.of("name", "Grüße", "other", "x".repeat(300)))
            .affinityKey("bucket/ключ")
            .trace(TraceContext.start())
            .deadline(CLOCK.instant().plus(Duration.ofMillis(1500)))
            .build();
    Message bytes =
        Message.query(Topic.of("q"), Payload.of("image/png", Bytes.utf8("not really"))).build();
    Message event = Message.event(Topic.of("e.f"), Payload.of(Bytes.utf8("x"))).build();
    FederationHello hello =
        new FederationHello(NODE, 77, "cluster", SdkVersion.CURRENT, 1, 3, Set.of("zstd", "more"));
    return List.of(
        new PeerFrame.Hello(hello, "proof", "link", ""),
        new PeerFrame.Welcome(new FederationWelcome.Accepted(NODE, 5, 1, Set.of("zstd")), "proof"),
        new PeerFrame.Welcome(
            new FederationWelcome.Refused(FederationWelcome.Cause.INCOMPATIBLE, "too old"), ""),
        new PeerFrame.Request(1, full, null),
        new PeerFrame.Request(
            Long.MAX_VALUE, full, new ContentOffer(9, OptionalLong.of(0), "text/plain", null)),
        new PeerFrame.Request(2, bytes, new ContentOffer(10, OptionalLong.empty(), "a/b", null)),
        new PeerFrame.Request(
            3, bytes, new ContentOffer(0, OptionalLong.of(3), "a/b", Bytes.utf8("abc"))),
        new PeerFrame.Answer(4, Payload.of(List.of(1, 2)), null, null),
        new PeerFrame.Answer(
            4, Payload.of(1), NODE, new ContentOffer(1, OptionalLong.empty(), "a/b", null)),
        new PeerFrame.Failure(
            6, true, new ErrorText("TIMEOUT", "RESOURCES", true, "late", Map.of("k", "v"))),
        new PeerFrame.Event(event),
        new PeerFrame.DurableEvent(1L << 60, 3, event),
        new PeerFrame.Acknowledge(List.of(1L, 1L << 60)),
        new PeerFrame.Heartbeat(8, new NodeLoad(1.5, 2, 3, 4, 5, 6), true, -1),
        new PeerFrame.Subscriptions("{}"),
        new PeerFrame.Unwanted(4),
        new PeerFrame.Leaving());
  }

  @ParameterizedTest
  @MethodSource("frames")
  void whatIsWrittenIsReadAgain(PeerFrame frame) {
    byte[] bytes = codec.encode(frame);

    PeerFrame read = codec.decode(bytes, 0, bytes.length);

    assertThat(codec.encode(read)).isEqualTo(bytes);
    assertThat(described(read)).isEqualTo(described(frame));
  }

  /** Messages and payloads have no equality, so that all that counts is spelt out. */
  private static String described(PeerFrame frame) {
    if (frame instanceof PeerFrame.Request request) {
      return request.call() + described(request.message()) + request.content();
    }
    if (frame instanceof PeerFrame.Event event) {
      return described(event.event());
    }
    if (frame instanceof PeerFrame.DurableEvent event) {
      return event.number() + " " + event.floor() + described(event.event());
    }
    if (frame instanceof PeerFrame.Answer answer) {
      return answer.call() + described(answer.payload()) + answer.handledBy() + answer.content();
    }
    return frame.toString();
  }

  private static String described(Message message) {
    return String.join(
        "|",
        message.toString(),
        message.headers().toString().length() + "",
        message.headers().get("name") + "",
        message.affinityKey().toString(),
        message.correlationId().toString(),
        message.causationId().toString(),
        message.deadline().toString(),
        message.trace().toString(),
        described(message.payload()));
  }

  private static String described(Payload payload) {
    return payload.contentType() + payload.toBytes(Json.codec()).asUtf8();
  }

  @ParameterizedTest
  @MethodSource("frames")
  void frameThatIsCutOffIsMalformed(PeerFrame frame) {
    byte[] bytes = codec.encode(frame);

    for (int length = 0; length < bytes.length; length++) {
      int cut = length;
      assertThatThrownBy(() -> codec.decode(bytes, 0, cut)).isInstanceOf(MalformedFrame.class);
    }
  }

  @Test
  void whateverComesIsReadOrMalformed() {
    long seed = 42;
    Random random = new Random(seed);
    List<byte[]> samples = frames().stream().map(codec::encode).toList();
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = samples.get(random.nextInt(samples.size())).clone();
      for (int change = random.nextInt(4); change >= 0; change--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      assertThatCode(
              () -> {
                try {
                  codec.decode(bytes, 0, bytes.length);
                } catch (MalformedFrame e) {
                  // As it should be.
                }
              })
          .as("seed %d", seed)
          .doesNotThrowAnyException();
    }
  }

  @Test
  void deadlineTravelsAsWhatIsLeft() {
    ManualClock here = new ManualClock();
    ManualClock there = new ManualClock();
    there.advance(Duration.ofDays(3));
    Message message =
        Message.query(Topic.of("t"), Payload.empty())
            .deadline(here.instant().plusMillis(700))
            .build();

    byte[] bytes =
        new FrameCodec(Json.codec(), here).encode(new PeerFrame.Request(1, message, null));
    PeerFrame.Request read =
        (PeerFrame.Request) new FrameCodec(Json.codec(), there).decode(bytes, 0, bytes.length);

    assertThat(read.message().deadline()).contains(there.instant().plusMillis(700));
  }

  @Test
  void errorKeepsItsCodeAlsoWhereThisNodeDoesNotKnowIt() {
    WarehouseException known =
        PeerErrors.errorOf(
            PeerErrors.textOf(
                new WarehouseException(
                    StandardErrorCode.QUOTA_EXCEEDED, "full", Map.of("a", "b"), null)));
    WarehouseException foreign =
        PeerErrors.errorOf(new ErrorText("SHOP_CLOSED", "EXTERNAL", true, "come later", Map.of()));

    assertThat(known.code()).isEqualTo(StandardErrorCode.QUOTA_EXCEEDED);
    assertThat(known.attributes()).containsEntry("a", "b");
    ErrorCode code = foreign.code();
    assertThat(code.name()).isEqualTo("SHOP_CLOSED");
    assertThat(code.category()).isEqualTo(ErrorCategory.EXTERNAL);
    assertThat(code.retryable()).isTrue();
  }

  @Test
  void largePayloadStandsApartAndIsWrittenAsIfItDidNot() throws IOException {
    byte[] bytes = new byte[70_000];
    new Random(7).nextBytes(bytes);
    Message message = Message.query(Topic.of("t"), Payload.of(Bytes.copyOf(bytes))).build();
    List<EncodedFrame> encoded =
        List.of(
            codec.request(1, message, null, Instant.EPOCH, null),
            codec.answer(new PeerFrame.Answer(2, message.payload(), null, null)),
            codec.answer(new PeerFrame.Answer(3, message.payload(), new NodeId("c"), null)));

    byte[] joined = Batch.join(encoded, encoded.stream().mapToInt(EncodedFrame::length).sum());
    List<byte[]> frames = Batch.frames(joined, 1 << 20);

    for (int i = 0; i < encoded.size(); i++) {
      ByteArrayOutputStream written = new ByteArrayOutputStream();
      encoded.get(i).writeTo(written);
      assertThat(frames.get(i))
          .isEqualTo(written.toByteArray())
          .isEqualTo(encoded.get(i).toBytes())
          .hasSize(encoded.get(i).length());
      PeerFrame read = codec.decode(frames.get(i), 0, frames.get(i).length);
      Payload payload =
          read instanceof PeerFrame.Request request
              ? request.message().payload()
              : ((PeerFrame.Answer) read).payload();
      assertThat(payload.as(Bytes.class).toArray()).isEqualTo(bytes);
    }
  }

  @Test
  void batchIsTakenApartAsItWasJoinedAlsoCompressed() {
    List<byte[]> frames =
        List.of(new byte[0], "a".repeat(100_000).getBytes(), new byte[] {1}, new byte[300]);
    byte[] plain = Batch.join(frames.stream().map(EncodedFrame::of).toList(), 100_301);
    byte[] packed = Batch.compress(plain);

    assertThat(packed.length).isLessThan(1000);
    assertThat(Batch.frames(plain, 1 << 20)).containsExactlyElementsOf(frames);
    assertThat(Batch.frames(packed, 1 << 20)).containsExactlyElementsOf(frames);
    assertThatThrownBy(() -> Batch.frames(packed, 1000)).isInstanceOf(MalformedFrame.class);
  }

  @Test
  void whatCannotBeCompressedStaysPlain() {
    byte[] noise = new byte[50_000];
    new Random(1).nextBytes(noise);
    byte[] plain = Batch.join(List.of(EncodedFrame.of(noise)), noise.length);

    assertThat(Batch.compress(plain)).isSameAs(plain);
  }

  /** A batch as the transport has it: in pieces of any size, and it notes where they went. */
  private static final class Pieces extends InputStream {
    private final ByteArrayInputStream bytes;
    private final Random random;
    private final Map<Integer, Integer> readInto = new HashMap<>();

    Pieces(byte[] bytes, Random random) {
      this.bytes = new ByteArrayInputStream(bytes);
      this.random = random;
    }

    @Override
    public int read() {
      return bytes.read();
    }

    @Override
    public int read(byte[] target, int offset, int count) {
      int read = bytes.read(target, offset, count < 2 ? count : 1 + random.nextInt(count));
      readInto.merge(target.length, Math.max(0, read), Integer::sum);
      return read;
    }
  }

  private static List<PeerFrame> longFrames(Random random) {
    List<PeerFrame> mixed = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      byte[] noise = new byte[random.nextInt(4) == 0 ? random.nextInt(70_000) : random.nextInt(90)];
      random.nextBytes(noise);
      Payload payload = Payload.of(Bytes.copyOf(noise));
      mixed.add(
          new PeerFrame.Request(
              i,
              Message.query(Topic.of("t." + i), payload)
                  .headers(Map.of("name", "x".repeat(random.nextInt(4_000))))
                  .build(),
              null));
      mixed.add(
          new PeerFrame.Answer(
              i,
              payload,
              NODE,
              new ContentOffer(0, OptionalLong.of(noise.length), "a/b", Bytes.copyOf(noise))));
      mixed.add(new PeerFrame.Subscriptions("y".repeat(random.nextInt(9_000))));
    }
    return mixed;
  }

  private static byte[] joined(List<byte[]> frames) {
    return Batch.join(
        frames.stream().map(EncodedFrame::of).toList(),
        frames.stream().mapToInt(frame -> frame.length).sum());
  }

  @Test
  void batchThatComesInPiecesIsReadAsItWasWritten() {
    long seed = 4711;
    Random random = new Random(seed);
    for (int round = 0; round < 20; round++) {
      List<PeerFrame> sent = new ArrayList<>(longFrames(random));
      sent.addAll(frames());
      Collections.shuffle(sent, random);
      List<byte[]> encoded = sent.stream().map(codec::encode).toList();
      byte[] batch = joined(encoded);
      List<PeerFrame> read = new ArrayList<>();

      Batch.read(new Pieces(batch, random), batch.length, 1 << 24, codec, read::add);

      assertThat(read.stream().map(codec::encode).toList())
          .as("seed %s", seed)
          .containsExactlyElementsOf(encoded);
    }
  }

  @Test
  void longPayloadGoesStraightToWhereItStays() {
    byte[] noise = new byte[64 << 10];
    Random random = new Random(5);
    random.nextBytes(noise);
    Payload payload = Payload.of(Bytes.copyOf(noise));
    byte[] batch =
        joined(
            List.of(
                codec.encode(new PeerFrame.Answer(1, payload, null, null)),
                codec.encode(new PeerFrame.Answer(2, payload, null, null))));
    Pieces pieces = new Pieces(batch, random);

    Batch.read(pieces, batch.length, 1 << 20, codec, frame -> {});

    // All but what a small window held of it was read into an array of just its length.
    assertThat(pieces.readInto.get(noise.length)).isGreaterThan(2 * (noise.length - (4 << 10)));
  }

  @Test
  void batchThatIsCutOffGivesWhatIsWholeAndIsMalformed() {
    Random random = new Random(6);
    byte[] noise = new byte[9_000];
    random.nextBytes(noise);
    List<byte[]> encoded =
        List.of(
            codec.encode(new PeerFrame.Unwanted(7)),
            codec.encode(
                new PeerFrame.Request(
                    1,
                    Message.query(Topic.of("t"), Payload.of(Bytes.copyOf(noise))).build(),
                    null)),
            codec.encode(new PeerFrame.Leaving()));
    byte[] batch = joined(encoded);

    for (int length = 5; length < batch.length - 2; length += 7) {
      int cut = length;
      List<PeerFrame> read = new ArrayList<>();
      assertThatThrownBy(
              () -> Batch.read(new Pieces(batch, random), cut, 1 << 20, codec, read::add))
          .as("cut at %s", cut)
          .isInstanceOf(MalformedFrame.class);
      assertThat(read).hasSize(1);
      // The transport says more than it has.
      assertThatThrownBy(
              () ->
                  Batch.read(
                      new Pieces(Arrays.copyOf(batch, cut), random),
                      batch.length,
                      1 << 20,
                      codec,
                      frame -> {}))
          .isInstanceOf(MalformedFrame.class);
    }
  }

  @Test
  void frameThatReachesIntoTheNextOneIsMalformed() {
    byte[] noise = new byte[20_000];
    new Random(8).nextBytes(noise);
    Message message = Message.query(Topic.of("t"), Payload.of(Bytes.copyOf(noise))).build();
    byte[] whole = codec.encode(new PeerFrame.Request(1, message, null));
    byte[] batch = joined(List.of(Arrays.copyOf(whole, whole.length - 1), new byte[50_000]));

    assertThatThrownBy(
            () ->
                Batch.read(
                    new Pieces(batch, new Random(9)), batch.length, 1 << 20, codec, frame -> {}))
        .isInstanceOf(MalformedFrame.class);
  }
}
