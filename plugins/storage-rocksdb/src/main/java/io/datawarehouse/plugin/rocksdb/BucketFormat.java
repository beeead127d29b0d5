package io.datawarehouse.plugin.rocksdb;

import io.datawarehouse.plugin.rocksdb.RecordReader.MalformedRecord;
import io.datawarehouse.sdk.blob.BucketDefinition;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.BucketSettings;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.sharding.ShardingOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * Bucket definitions in bytes; a setting that was not given is one zero byte. Parameters of a
 * sharding strategy stand at the end, and only where there are any: what has none is written as it
 * was before they existed.
 */
final class BucketFormat {

  private static final int FORMAT = 1;
  private static final int WITH_SHARDING_OPTIONS = 2;

  private BucketFormat() {}

  static byte[] encode(BucketDefinition definition) {
    BucketSettings settings = definition.settings();
    int format = settings.shardingOptions().isPresent() ? WITH_SHARDING_OPTIONS : FORMAT;
    RecordWriter out = new RecordWriter().putByte(format).putInstant(definition.createdAt());
    put(out, boxed(settings.replicationFactor()), RecordWriter::putLong);
    put(out, boxed(settings.writeQuorum()), RecordWriter::putLong);
    put(out, settings.replication(), RecordWriter::putText);
    put(out, settings.conflictResolver(), RecordWriter::putText);
    put(out, settings.sharding(), RecordWriter::putText);
    put(out, settings.pipeline(), BucketFormat::putTexts);
    put(out, settings.versioning(), (to, value) -> to.putByte(value ? 1 : 0));
    put(
        out,
        settings.quotaBytes().isPresent()
            ? Optional.of(settings.quotaBytes().getAsLong())
            : Optional.empty(),
        RecordWriter::putLong);
    put(
        out,
        settings.retention(),
        (to, value) -> to.putLong(value.getSeconds()).putLong(value.getNano()));
    settings.shardingOptions().ifPresent(options -> out.putText(options.json()));
    return out.toArray();
  }

  static BucketDefinition decode(BucketName name, byte[] bytes) {
    try {
      return read(name, new RecordReader(bytes));
    } catch (MalformedRecord e) {
      throw new WarehouseException(
          StandardErrorCode.STORAGE_FAILED,
          "the definition of bucket " + name.value() + " cannot be read, " + e.getMessage(),
          e);
    }
  }

  private static BucketDefinition read(BucketName name, RecordReader in) {
    int format = in.getByte();
    if (format != FORMAT && format != WITH_SHARDING_OPTIONS) {
      throw new MalformedRecord(
          "it has format " + format + ", known are " + FORMAT + " and " + WITH_SHARDING_OPTIONS);
    }
    var createdAt = in.getInstant();
    BucketSettings settings =
        new BucketSettings(
            number(get(in, RecordReader::getLong)),
            number(get(in, RecordReader::getLong)),
            get(in, RecordReader::getText),
            get(in, RecordReader::getText),
            get(in, RecordReader::getText),
            get(in, BucketFormat::getTexts),
            get(in, from -> from.getByte() == 1),
            get(in, RecordReader::getLong).map(OptionalLong::of).orElse(OptionalLong.empty()),
            get(in, from -> Duration.ofSeconds(from.getLong(), from.getLong())));
    if (format == WITH_SHARDING_OPTIONS) {
      settings =
          settings.withSharding(
              settings.sharding().orElseThrow(() -> new MalformedRecord("it names no sharding")),
              Optional.of(new ShardingOptions(in.getText())));
    }
    in.requireEnd();
    return new BucketDefinition(name, settings, createdAt);
  }

  private static <T> void put(
      RecordWriter out, Optional<T> value, BiConsumer<RecordWriter, T> putter) {
    out.putByte(value.isPresent() ? 1 : 0);
    value.ifPresent(present -> putter.accept(out, present));
  }

  private static <T> Optional<T> get(RecordReader in, Function<RecordReader, T> getter) {
    return in.getByte() == 0 ? Optional.empty() : Optional.of(getter.apply(in));
  }

  private static Optional<Long> boxed(OptionalInt value) {
    return value.isPresent() ? Optional.of((long) value.getAsInt()) : Optional.empty();
  }

  private static OptionalInt number(Optional<Long> value) {
    return value.map(v -> OptionalInt.of(Math.toIntExact(v))).orElse(OptionalInt.empty());
  }

  private static void putTexts(RecordWriter out, List<String> texts) {
    out.putLong(texts.size());
    texts.forEach(out::putText);
  }

  private static List<String> getTexts(RecordReader in) {
    int count = in.getCount();
    List<String> texts = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      texts.add(in.getText());
    }
    return texts;
  }
}
