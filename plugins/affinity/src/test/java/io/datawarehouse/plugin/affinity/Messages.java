package io.datawarehouse.plugin.affinity;

import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.ReadCondition;
import io.datawarehouse.sdk.blob.StorageMessages.DescribeBlob;
import io.datawarehouse.sdk.blob.StorageMessages.ListBlobs;
import io.datawarehouse.sdk.blob.StorageMessages.ReadBlob;
import io.datawarehouse.sdk.blob.StorageMessages.WriteBlob;
import io.datawarehouse.sdk.blob.WriteCondition;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Topic;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Messages that are about something. */
final class Messages {

  private static final Topic TOPIC = Topic.of("work.do");

  private Messages() {}

  static Message with(String... headers) {
    Map<String, String> named =
        headers.length == 2
            ? Map.of(headers[0], headers[1])
            : Map.of(headers[0], headers[1], headers[2], headers[3]);
    return Message.query(TOPIC, Payload.empty()).headers(named).build();
  }

  static Message plain() {
    return Message.command(TOPIC, Payload.of("nothing in particular")).build();
  }

  static Message about(Object value) {
    return Message.query(TOPIC, Payload.of(value)).build();
  }

  static WriteBlob write(String bucket, String key, Map<String, String> tags) {
    return new WriteBlob(
        new BucketName(bucket),
        key,
        "text/plain",
        tags,
        List.of(),
        WriteCondition.none(),
        Optional.empty());
  }

  static ReadBlob read(String bucket, String key) {
    return new ReadBlob(new BucketName(bucket), key, Optional.empty(), ReadCondition.none());
  }

  static DescribeBlob describe(String bucket, String key) {
    return new DescribeBlob(new BucketName(bucket), key);
  }

  static ListBlobs list(String bucket) {
    return new ListBlobs(new BucketName(bucket), "", Optional.empty(), Optional.empty(), 10);
  }
}
