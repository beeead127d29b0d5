package io.datawarehouse.testkit.balance;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.balance.AffinityProvider;
import io.datawarehouse.sdk.balance.Stickiness;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.message.Content;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Topic;
import io.datawarehouse.testkit.contract.BrokenContracts;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The contract against a provider that keeps buckets together, and against broken ones. */
class AffinityProviderContractTest {

  private static UnaryOperator<AffinityProvider> flaw = sound -> sound;

  @Nested
  class OfABucketsMessages extends ByBucketContract {}

  @Test
  void keyOfTheInstanceIsNoticed() {
    assertThat(
            failures(
                sound ->
                    new Changed(sound) {
                      @Override
                      public String keyOf(Message message) {
                        String key = super.keyOf(message);
                        return key == null ? null : key + System.identityHashCode(this);
                      }
                    }))
        .contains("keyIsTheSameOnEveryNodeAndEachTime");
  }

  @Test
  void oneKeyForEverythingIsNoticed() {
    assertThat(
            failures(
                sound ->
                    new Changed(sound) {
                      @Override
                      public String keyOf(Message message) {
                        return "all";
                      }
                    }))
        .containsExactly("loneMessagesHaveNoKey", "messagesThatBelongTogetherHaveTheSameKey");
  }

  @Test
  void readingTheContentIsNoticed() {
    assertThat(
            failures(
                sound ->
                    new Changed(sound) {
                      @Override
                      public String keyOf(Message message) {
                        message.content().ifPresent(Content::close);
                        return super.keyOf(message);
                      }
                    }))
        .containsExactly("contentOfTheMessageIsNotRead");
  }

  @Test
  void wasteIsNoticed() {
    assertThat(
            failures(
                sound ->
                    new Changed(sound) {
                      private byte[] waste = {};

                      @Override
                      public String keyOf(Message message) {
                        waste = new byte[4096 + waste.length % 2];
                        return super.keyOf(message);
                      }
                    }))
        .containsExactly("askingCostsLittle");
  }

  private static Set<String> failures(UnaryOperator<AffinityProvider> change) {
    flaw = change;
    try {
      return BrokenContracts.failuresOf(ByBucketContract.class);
    } finally {
      flaw = sound -> sound;
    }
  }

  static class ByBucketContract extends AffinityProviderContract {
    @Override
    protected AffinityProvider provider() {
      return flaw.apply(new ByBucket());
    }

    @Override
    protected List<List<Message>> groups() {
      return List.of(
          List.of(write("photos", "1.jpg"), write("photos", "2.jpg")),
          List.of(write("letters", "1.txt"), write("letters", "2.txt")));
    }

    @Override
    protected List<Message> loners() {
      return List.of(Message.query(Topic.of("a.b"), Payload.empty()).build());
    }

    private static Message write(String bucket, String key) {
      return Message.command(Topic.of("storage.write"), Payload.empty())
          .affinityKey(BlobKey.of(bucket, key).affinityKey())
          .build();
    }
  }

  /** Keeps a bucket's messages together. */
  private static final class ByBucket implements AffinityProvider {
    @Override
    public String affinityName() {
      return "bucket";
    }

    @Override
    public String keyOf(Message message) {
      return message.affinityKey().map(key -> key.substring(0, key.indexOf('/'))).orElse(null);
    }

    @Override
    public Stickiness stickiness() {
      return new Stickiness.ByHash();
    }
  }

  private static class Changed implements AffinityProvider {
    private final AffinityProvider sound;

    Changed(AffinityProvider sound) {
      this.sound = sound;
    }

    @Override
    public String affinityName() {
      return sound.affinityName();
    }

    @Override
    public String keyOf(Message message) {
      return sound.keyOf(message);
    }

    @Override
    public Stickiness stickiness() {
      return sound.stickiness();
    }
  }
}
