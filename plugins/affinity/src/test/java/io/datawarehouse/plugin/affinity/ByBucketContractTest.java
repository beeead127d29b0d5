package io.datawarehouse.plugin.affinity;

import io.datawarehouse.sdk.balance.AffinityProvider;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.StorageMessages.DescribeBucket;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.testkit.balance.AffinityProviderContract;
import java.util.List;
import java.util.Map;

class ByBucketContractTest extends AffinityProviderContract {

  @Override
  protected AffinityProvider provider() {
    return new ByBucket();
  }

  @Override
  protected List<List<Message>> groups() {
    return List.of(
        List.of(
            Messages.about(Messages.write("photos", "a", Map.of())),
            Messages.about(Messages.read("photos", "b")),
            Messages.about(Messages.list("photos")),
            Messages.about(new DescribeBucket(new BucketName("photos"))),
            Messages.with("dw-bucket", "photos")),
        List.of(Messages.about(Messages.list("letters")), Messages.with("dw-bucket", "letters")));
  }

  @Override
  protected List<Message> loners() {
    return List.of(Messages.plain(), Messages.with("dw-bucket", ""), Messages.with("dw-key", "a"));
  }
}
