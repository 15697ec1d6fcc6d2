"""The addresses of the set-up, below a store's own."""

from django.urls import path

from campaigns.recipes import post_purchase
from lifecycle.console import flow_review
from lifecycle.console.start import brand, checklist, files, mails, source, test_send

S = "s/<slug:store>/start/"

urlpatterns = [
    path(S, checklist.show, name="start"),
    path(S + "later/", checklist.later, name="start_later"),
    path(S + "source/", source.show, name="start_source"),
    path(S + "connect/", source.connect, name="start_connect"),
    path(S + "connect/try/", source.try_connection, name="start_try"),
    path(S + "shopify/", source.shopify, name="start_shopify"),
    path(S + "woocommerce/", source.woocommerce, name="start_woocommerce"),
    path(S + "import/", files.index, name="start_files"),
    path(S + "import/<int:pk>/", files.show, name="start_import"),
    path(S + "import/<int:pk>/columns/", files.columns, name="start_columns"),
    path(S + "demo/", source.load_demo, name="start_demo"),
    path(S + "brand/", brand.show, name="start_brand"),
    path(S + "preview/", mails.show, name="start_preview"),
    path(S + "preview/mail/", mails.frame, name="start_frame"),
    path(S + "test/", test_send.show, name="start_test"),
    path(S + "activate/", flow_review.show, {"key": post_purchase.KEY}, name="start_activate"),
]
