package io.datawarehouse.plugin.compression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.capability.Provision;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.kernel.OperatingMode;
import io.datawarehouse.sdk.plugin.HandshakeResult;
import io.datawarehouse.sdk.plugin.KernelOffer;
import io.datawarehouse.sdk.plugin.SdkVersion;
import io.datawarehouse.sdk.transform.ContentTransformer;
import io.datawarehouse.sdk.transform.FrameEncoder;
import io.datawarehouse.sdk.transform.FramePlace;
import io.datawarehouse.sdk.transform.StageOptions;
import io.datawarehouse.testkit.kernel.FakeKernelContext;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompressionPluginTest {

  @TempDir private Path directory;

  private final CompressionPlugin plugin = new CompressionPlugin();

  @Test
  void providesEachTransformerUnderItsId() {
    HandshakeResult result =
        plugin.handshake(
            new KernelOffer(SdkVersion.CURRENT, new NodeId("node-1"), OperatingMode.STANDALONE));

    assertThat(((HandshakeResult.Accepted) result).provisions())
        .extracting(Provision::name)
        .containsExactly("zstd", "lz4", "gzip");
    assertThat(plugin.manifest().provides()).contains(ContentTransformer.CAPABILITY.name());
  }

  @Test
  void compressesWithTheConfiguredLevelUnlessThePipelineNamesOne() throws Exception {
    byte[] content = new byte[100_000];
    Random random = new Random(5);
    for (int i = 0; i < content.length; i++) {
      content[i] = (byte) ('a' + random.nextInt(1 + i % 13));
    }
    start(Map.of("zstd.level", "19", "gzip.level", "9"));

    for (ContentTransformer transformer : plugin.transformers()) {
      if (!transformer.variants().isEmpty()) {
        String most = transformer.id().equals("zstd") ? "19" : "9";
        int configured = encoded(transformer, content, Optional.empty());
        assertThat(configured).isEqualTo(encoded(transformer, content, Optional.of(most)));
        assertThat(configured).isLessThan(encoded(transformer, content, Optional.of("1")));
      }
    }
    plugin.stop();
  }

  @Test
  void doesNotStartWithALevelThatThereIsNot() {
    assertThatThrownBy(() -> start(Map.of("zstd.level", "20"))).hasMessageContaining("zstd.level");
  }

  private void start(Map<String, String> config) throws Exception {
    plugin.start(new FakeKernelContext("compression", directory, config));
  }

  private static int encoded(
      ContentTransformer transformer, byte[] content, Optional<String> variant) {
    ByteBuffer target = ByteBuffer.allocate(transformer.mostEncodedBytes(content.length));
    try (FrameEncoder encoder = transformer.newEncoder(StageOptions.of(variant, content.length))) {
      encoder.encode(new FramePlace(0, true, new byte[0]), ByteBuffer.wrap(content), target);
    }
    return target.position();
  }
}
