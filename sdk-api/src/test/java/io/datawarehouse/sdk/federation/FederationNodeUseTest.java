package io.datawarehouse.sdk.federation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.plugin.SdkVersion;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** A use of another kernel: meet it, look, read a part, copy a blob. */
class FederationNodeUseTest {

  private static final Duration LIMIT = Duration.ofSeconds(1);
  private static final BlobKey KEY = BlobKey.of("bucket", "key");

  private final MemoryPeer peer = new MemoryPeer("b");

  @Test
  void kernelsAgreeOnTheNewestProtocolAndTheCommonFeatures() {
    FederationWelcome welcome = get(peer.handshake(hello("a", "dw", 2, 5), LIMIT));

    assertThat(welcome)
        .isEqualTo(new FederationWelcome.Accepted(new NodeId("b"), 1, 3, Set.of("zstd")));
    assertThat(get(peer.handshake(hello("a", "dw", 4, 5), LIMIT)))
        .isInstanceOfSatisfying(
            FederationWelcome.Refused.class,
            refused -> assertThat(refused.cause()).isEqualTo(FederationWelcome.Cause.INCOMPATIBLE));
    assertThat(get(peer.handshake(hello("a", "other", 1, 1), LIMIT)))
        .isInstanceOfSatisfying(
            FederationWelcome.Refused.class,
            refused ->
                assertThat(refused.cause()).isEqualTo(FederationWelcome.Cause.OTHER_CLUSTER));
    assertThat(get(peer.handshake(hello("b", "dw", 1, 1), LIMIT)))
        .isInstanceOfSatisfying(
            FederationWelcome.Refused.class,
            refused -> assertThat(refused.cause()).isEqualTo(FederationWelcome.Cause.SAME_NODE));
  }

  @Test
  void partOfABlobIsReadByOffsetAndLength() throws IOException {
    peer.put(KEY, "0123456789");

    assertThat(get(peer.manifest(KEY, LIMIT)).orElseThrow().size()).isEqualTo(10);
    try (FederatedRead read = get(peer.openRead(ReadRequest.part(KEY, 3, 4)))) {
      assertThat(read.offset()).isEqualTo(3);
      assertThat(read.length()).isEqualTo(4);
      assertThat(read.stream().readAllBytes())
          .asString(StandardCharsets.US_ASCII)
          .isEqualTo("3456");
    }
    try (FederatedRead read = get(peer.openRead(ReadRequest.whole(KEY)))) {
      assertThat(read.stream().readAllBytes()).hasSize(10);
    }
    ReadRequest stored = ReadRequest.part(KEY, 3, 4).inForm(ContentForm.STORED);
    try (FederatedRead read = get(peer.openRead(stored))) {
      assertThat(read.form()).isEqualTo(ContentForm.STORED);
      assertThat(read.length()).as("another form is read whole").isEqualTo(10);
    }
    assertThatThrownBy(() -> get(peer.openRead(ReadRequest.part(KEY, 11, 1))))
        .hasMessageContaining("too short");
    assertThatThrownBy(() -> get(peer.openRead(ReadRequest.whole(KEY).ofVersion("other"))))
        .hasMessageContaining("has no");
    assertThatThrownBy(() -> ReadRequest.part(KEY, -1, 1)).hasMessageContaining("offset is '-1'");
  }

  @Test
  void copyIsTakenWholeOrNotAtAll() {
    BlobManifest manifest = MemoryPeer.manifestOf(KEY, "content");
    byte[] content = "content".getBytes(StandardCharsets.UTF_8);
    try (FederatedWrite write = peer.openWrite(manifest, ContentForm.PLAIN, LIMIT)) {
      write.write(content, 0, 4);
      assertThatThrownBy(() -> get(write.commit())).hasMessageContaining("4 bytes came");
    }
    assertThat(peer.text(KEY)).isEmpty();
    try (FederatedWrite write = peer.openWrite(manifest, ContentForm.PLAIN, LIMIT)) {
      write.write(content, 0, content.length);
      assertThat(get(write.commit())).isEqualTo(new CopyOutcome.Stored(manifest));
      assertThat(get(write.commit())).isEqualTo(new CopyOutcome.AlreadyThere());
    }
    assertThat(peer.text(KEY)).contains("content");
  }

  private static FederationHello hello(String node, String cluster, int oldest, int newest) {
    return new FederationHello(
        new NodeId(node), 1, cluster, SdkVersion.CURRENT, oldest, newest, Set.of("zstd", "lz4"));
  }

  private static <T> T get(CompletionStage<T> stage) {
    return stage.toCompletableFuture().join();
  }
}
