"""Products and what their buyers should know: those that sell without tips come first."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import BooleanField, Case, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from catalog.models import Pairing, Product, ProductGuide
from lifecycle.console import paging, tabs
from lifecycle.console.answer import see, shown
from lifecycle.console.fields import Lines, web_address
from orders.models import OrderLine
from predictions.models import Together
from stores import clock
from stores.access import StoreRequest, may, page
from stores.models import Membership, Store

MARKETER = Membership.Role.MARKETER
_NUMBERS = ("return_days", "warranty_months", "replenish_days")
#: So many names are offered while one types.
_NAMES = 200
#: The order of the list as one number: gaps before the rest, then by how many bought it.
_RANK = F("buyers") + Case(When(has_tips=False, then=Value(10**9)), default=Value(0))


class GuideForm(forms.ModelForm):  # type: ignore[type-arg]
    video_url = web_address("Video")
    tips = Lines(required=False, help_text="Three or four short steps, one a line. Without any, this product sends no tips mail.")

    lessons = Lines(
        required=False, help_text="For what takes learning: up to four, one a line, as “Pour in circles: from the middle outwards.”"
    )
    call_url = web_address("Where a call is booked")

    class Meta:
        model = ProductGuide
        fields = ["headline", "tips", "mistake", "care", "video_url", "lessons", "call_url", *_NUMBERS]
        labels = {
            "mistake": "One mistake to avoid",
            "video_url": "Video",
            "return_days": "Days to return it",
            "warranty_months": "Months of warranty",
            "replenish_days": "Days until one is used up",
        }
        help_texts = {"mistake": ""}
        widgets = {
            "mistake": forms.Textarea(attrs={"rows": 2}),
            "care": forms.Textarea(attrs={"rows": 2}),
            **{name: forms.NumberInput(attrs={"class": "w-10"}) for name in _NUMBERS},
        }

    def __init__(self, data: Mapping[str, Any] | None = None, *, instance: ProductGuide) -> None:
        super().__init__(data, instance=instance)
        for name in _NUMBERS:
            self.fields[name].required = False
        for name, unit in (("return_days", "days"), ("warranty_months", "months")):
            self.fields[name].help_text = f"Empty means the store’s own {getattr(instance.store, name)} {unit}."
        learned = getattr(instance.product, "replenishment", None)
        by_itself = f"{learned.interval_days} days, as {learned.basis} repeat buyers show" if learned else "what repeat buyers show"
        self.fields["replenish_days"].help_text = f"Empty means {by_itself}; 0 that nobody is reminded to buy it again."

    @property
    def words(self) -> list[forms.BoundField]:
        return [field for field in self if field.name not in _NUMBERS]

    @property
    def numbers(self) -> list[forms.BoundField]:
        return [self[name] for name in _NUMBERS]


class PairingForm(forms.ModelForm):  # type: ignore[type-arg]
    """What goes with a product, named as people name it: a shop may have thousands to choose from."""

    suggested = forms.CharField(
        label="Product", max_length=300, help_text="Its name or its SKU.", widget=forms.TextInput(attrs={"list": "products"})
    )

    class Meta:
        model = Pairing
        fields = ["suggested", "reason"]
        labels = {"reason": "Why it goes well"}
        help_texts = {"reason": "As the customer reads it: “Fits your kettle, lasts a year.”"}

    def __init__(self, data: Mapping[str, Any] | None = None, *, product: Product) -> None:
        super().__init__(data)
        self.instance.product, self.instance.store_id = product, product.store_id
        self.others = Product.objects.filter(store_id=product.store_id).exclude(pk=product.pk).order_by("title", "pk")

    @property
    def names(self) -> QuerySet[Any, Any]:
        """Return names to choose from while one types."""
        return self.others.values_list("title", flat=True)[:_NAMES]

    def clean_suggested(self) -> Product:
        suggested = self._named(self.cleaned_data["suggested"])
        held = Pairing.objects.filter(product=self.instance.product, suggested=suggested).first()
        if held and held.origin == Pairing.Origin.SAID and not held.is_blocked:
            raise forms.ValidationError("It is suggested already. Remove it above to change the reason.")
        if held:  # what was learned, or blocked, becomes what is said
            held.origin, held.rank, held.is_blocked = Pairing.Origin.SAID, 1, False
            self.instance = held
        return suggested

    def _named(self, typed: str) -> Product:
        """Return the one product of that name or SKU, or with that in its name."""
        for is_meant in (Q(title__iexact=typed) | Q(sku__iexact=typed), Q(title__icontains=typed)):
            found = list(self.others.filter(is_meant)[:5])
            if len(found) == 1:
                return found[0]
            if found:
                meant = ", ".join(f"{each.title} ({each.sku})" if each.sku else each.title for each in found)
                raise forms.ValidationError(f"Several could be meant: {meant}. Type the whole name, or the SKU.")
        raise forms.ValidationError("No other product has that as its name or SKU.")


def with_gaps(store: Store) -> QuerySet[Any]:
    """Return a store's products with how many customers bought them, as last counted, and whether they have tips."""
    has_tips = Case(When(Q(guide__isnull=False) & ~Q(guide__tips=[]), then=Value(True)), default=Value(False), output_field=BooleanField())
    counted = Together.objects.filter(store=store, product_id=OuterRef("pk"), suggested_id=OuterRef("pk")).values("buyers")
    return Product.objects.filter(store=store).annotate(buyers=Coalesce(Subquery(counted), 0), has_tips=has_tips)


def gaps(store: Store) -> QuerySet[Any]:
    """Return a store's products that sold, counted already or not, and have no tips."""
    return with_gaps(store).filter(Exists(OrderLine.objects.filter(product=OuterRef("pk"))), has_tips=False)


@page()
def index(request: StoreRequest) -> HttpResponse:
    """List products: gaps first, the best sold first among them."""
    query = request.GET.get("q", "").strip()[:200]
    show = "gaps" if request.GET.get("show") == "gaps" else ""
    found = with_gaps(request.store).filter(Q(title__icontains=query) | Q(sku__icontains=query))
    found = found.filter(has_tips=False) if show else found
    count = paging.counted(found)
    context = {
        "section": "products",
        "now": clock.read(),
        "page": paging.page(found.annotate(rank=_RANK), request, by="-rank"),
        "count": count,
        "heard": paging.heard(count, "product"),
        "clear": tabs.without(request, "q"),
        "chips": tabs.of(request, "show", [("", "All"), ("gaps", "Without tips")], show),
        "chips_label": "Products by tips",
        "show": show,
        "query": query,
    }
    return shown(request, "console/products.html", context, part="console/_products.html")


@page()
def show(request: StoreRequest, pk: int) -> HttpResponse:
    """Show a product's guide and pairings; marketers change the guide."""
    product, guide = _one(request, pk)
    if request.method == "POST" and not may(request.membership, MARKETER):
        raise PermissionDenied
    form = GuideForm(request.POST or None, instance=guide)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, f"Saved. The next mails about {product} use it.")
        return see("console:product", request.store.slug, pk)
    return _page(request, product, form=form, pairing=PairingForm(product=product))


def _one(request: StoreRequest, pk: int) -> tuple[Any, ProductGuide]:
    """Return a product with how many bought it, and its guide, or a new one."""
    product = get_object_or_404(with_gaps(request.store).select_related("guide__store", "replenishment"), pk=pk)
    return product, getattr(product, "guide", None) or ProductGuide(store=request.store, product=product)


def _page(request: StoreRequest, product: Product, *, form: GuideForm, pairing: PairingForm) -> HttpResponse:
    pairings = product.pairings.filter(is_blocked=False).select_related("suggested", "product")
    context = {"section": "products", "now": clock.read(), "product": product, "form": form, "pairing": pairing, "pairings": pairings}
    return render(request, "console/product.html", context, status=422 if form.errors or pairing.errors else 200)


@require_POST
@page(MARKETER)
def add_pairing(request: StoreRequest, pk: int) -> HttpResponse:
    product, guide = _one(request, pk)
    form = PairingForm(request.POST, product=product)
    if form.is_valid():
        form.save()
        messages.success(request, f"{form.instance.suggested} is now suggested with {product}.")
        return see("console:product", request.store.slug, pk)
    return _page(request, product, form=GuideForm(instance=guide), pairing=form)


@require_POST
@page(MARKETER)
def remove_pairing(request: StoreRequest, pk: int, pairing: int) -> HttpResponse:
    get_object_or_404(Pairing, store=request.store, product_id=pk, pk=pairing).delete()
    messages.success(request, "The pairing is gone.")
    return see("console:product", request.store.slug, pk)
