package io.datawarehouse.plugin.affinity;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.balance.AffinityProvider;
import io.datawarehouse.sdk.balance.Stickiness;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.testkit.balance.AffinityProviderContract;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ByBlobKeyContractTest extends AffinityProviderContract {

  @Override
  protected AffinityProvider provider() {
    return new ByBlobKey();
  }

  @Override
  protected List<List<Message>> groups() {
    return List.of(
        List.of(
            Messages.about(Messages.write("photos", "a/b", Map.of())),
            Messages.about(Messages.read("photos", "a/b")),
            Messages.about(Messages.describe("photos", "a/b")),
            Messages.about(BlobKey.of("photos", "a/b")),
            Messages.with("dw-bucket", "photos", "dw-key", "a/b")),
        List.of(
            Messages.about(Messages.read("photos", "a")),
            Messages.with("DW-Bucket", "photos", "DW-Key", "a")));
  }

  @Override
  protected List<Message> loners() {
    return List.of(
        Messages.plain(), Messages.about(Messages.list("photos")), Messages.with("dw-key", "a"));
  }

  @Test
  void keyIsTheOneThatPlacesTheBlobItself() {
    BlobKey blob = BlobKey.of("photos", "a/b");

    assertThat(provider().keyOf(Messages.about(Messages.read("photos", "a/b"))))
        .isEqualTo(blob.affinityKey());
    assertThat(provider().stickiness()).isEqualTo(new Stickiness.ByHash());
  }
}
