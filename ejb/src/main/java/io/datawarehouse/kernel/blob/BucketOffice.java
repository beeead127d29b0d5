package io.datawarehouse.kernel.blob;

import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.StorageMessages.BucketCreated;
import io.datawarehouse.sdk.blob.StorageMessages.BucketDescription;
import io.datawarehouse.sdk.blob.StorageMessages.BucketList;
import io.datawarehouse.sdk.blob.StorageMessages.ChangePipeline;
import io.datawarehouse.sdk.blob.StorageMessages.CreateBucket;

/** Makes, describes, changes and removes buckets. Thread-safe. */
interface BucketOffice {

  BucketCreated create(CreateBucket command);

  BucketDescription changePipeline(ChangePipeline command);

  BucketDescription describe(BucketName bucket);

  BucketList list();

  void delete(BucketName bucket);
}
