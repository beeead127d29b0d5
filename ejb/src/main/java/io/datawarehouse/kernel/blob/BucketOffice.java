package io.datawarehouse.kernel.blob;

import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.StorageMessages.BucketCreated;
import io.datawarehouse.sdk.blob.StorageMessages.BucketDescription;
import io.datawarehouse.sdk.blob.StorageMessages.BucketList;
import io.datawarehouse.sdk.blob.StorageMessages.ChangePipeline;
import io.datawarehouse.sdk.blob.StorageMessages.ChangeSharding;
import io.datawarehouse.sdk.blob.StorageMessages.CreateBucket;
import io.datawarehouse.sdk.blob.StorageMessages.ShardingChanged;

/** Makes, describes, changes and removes buckets. Thread-safe. */
interface BucketOffice {

  BucketCreated create(CreateBucket command);

  BucketDescription changePipeline(ChangePipeline command);

  ShardingChanged changeSharding(ChangeSharding command);

  BucketDescription describe(BucketName bucket);

  BucketList list();

  void delete(BucketName bucket);
}
